#include "contest.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <stdexcept>

#include <fmt/format.h>

namespace tidemark::bench {
namespace {

constexpr double noisy_spread = 0.5;

constexpr std::array<Column, 4> columns_of_throughput{{{"M records/s", &Measurement::rate},
                                                       {"CPU-s per M records", &Measurement::cpu_per_million},
                                                       {"peak RSS MiB", &Measurement::rss_mib, 1},
                                                       {"stalls", &Measurement::stalls, 0}}};

std::vector<double> figures(const Contender& contender, Figure figure) {
  std::vector<double> values;
  for (const auto& round : contender.rounds) values.push_back((round.*figure)());
  return values;
}

}  // namespace

std::span<const Column> throughput_columns() { return columns_of_throughput; }

void Contest::run() {
  fmt::print("\n{}\n", title_);
  for (auto& contender : contenders_) contender.run(0);
  for (int round = 1; round <= rounds_; ++round) {
    fmt::print("round {}:", round);
    for (std::size_t i = 0; i < contenders_.size(); ++i) {
      // Each begins a round in its turn: what runs before one may leave its mark on it.
      auto& contender = contenders_[(i + static_cast<std::size_t>(round)) % contenders_.size()];
      contender.rounds.push_back(contender.run(round));
      fmt::print("  {} {:.3f}", contender.name, (contender.rounds.back().*steady_)());
      std::fflush(stdout);
    }
    fmt::print("\n");
  }
}

void Contest::print_table(std::span<const Column> columns) const {
  fmt::print("\n{:<20}", "median [min – max]");
  for (const auto& column : columns) fmt::print(" {:>24}", column.title);
  fmt::print("\n");
  for (const auto& contender : contenders_) {
    fmt::print("{:<20}", contender.name);
    for (const auto& column : columns)
      fmt::print(" {:>24}", text(summarise(figures(contender, column.figure)), column.digits));
    fmt::print("\n");
  }
  if (is_noisy()) fmt::print("The machine was too noisy to judge: the rounds of one contender lie far apart.\n");
}

bool Contest::has(const std::string& name) const {
  return std::ranges::find(contenders_, name, &Contender::name) != contenders_.end();
}

Summary Contest::summary(const std::string& name, Figure figure) const {
  return summarise(figures(find(name), figure));
}

Summary Contest::ratio(const std::string& of, const std::string& by, Figure figure) const {
  return combine(of, by, figure, std::divides{});
}

Summary Contest::difference(const std::string& of, const std::string& by, Figure figure) const {
  return combine(of, by, figure, std::minus{});
}

Summary Contest::combine(const std::string& of, const std::string& by, Figure figure,
                         const std::function<double(double, double)>& operation) const {
  const auto left = figures(find(of), figure);
  const auto right = figures(find(by), figure);
  std::vector<double> results;
  for (std::size_t i = 0; i < left.size(); ++i) results.push_back(operation(left[i], right[i]));
  return summarise(results);
}

bool Contest::is_noisy() const {
  return std::ranges::any_of(contenders_, [this](const auto& contender) {
    return summarise(figures(contender, steady_)).spread() > noisy_spread;
  });
}

const Contender& Contest::find(const std::string& name) const {
  const auto found = std::ranges::find(contenders_, name, &Contender::name);
  if (found == contenders_.end()) throw std::logic_error{"no contender " + name};
  return *found;
}

}  // namespace tidemark::bench
