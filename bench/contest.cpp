#include "contest.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>

#include <fmt/format.h>

#include "support/process.hpp"

namespace tidemark::bench {
namespace {

constexpr std::chrono::minutes longest_run{5};
constexpr double noisy_spread = 0.5;

Measurement run_once(const std::vector<std::string>& command) {
  test::Process process{{.command = command}};
  const auto ended = process.wait(longest_run);
  if (ended != test::ExitStatus{.code = 0}) throw std::runtime_error{"a contender failed:\n" + process.output()};
  return parse_measurement(process.output());
}

std::vector<double> figures(const Contender& contender, Contest::Figure figure) {
  std::vector<double> values;
  for (const auto& round : contender.rounds) values.push_back((round.*figure)());
  return values;
}

std::string text(const Summary& summary) {
  return fmt::format("{:.3f} [{:.3f} – {:.3f}]", summary.median, summary.min, summary.max);
}

}  // namespace

void Contest::run() {
  for (auto& contender : contenders_) run_once(contender.command(0));
  for (int round = 1; round <= rounds_; ++round) {
    for (auto& contender : contenders_) contender.rounds.push_back(run_once(contender.command(round)));
    fmt::print("round {}:", round);
    for (const auto& contender : contenders_)
      fmt::print("  {} {:.2f} M/s {:.3f} CPU-s/M", contender.name, contender.rounds.back().rate(),
                 contender.rounds.back().cpu_per_million());
    fmt::print("\n");
  }
}

void Contest::print_table() const {
  fmt::print("\n{:<22} {:>26} {:>26} {:>12}\n", "median [min – max]", "M records/s", "CPU-s per M records", "RSS MiB");
  for (const auto& contender : contenders_)
    fmt::print("{:<22} {:>26} {:>26} {:>12.1f}\n", contender.name,
               text(summarise(figures(contender, &Measurement::rate))),
               text(summarise(figures(contender, &Measurement::cpu_per_million))), median_rss(contender.name));
}

Summary Contest::ratio(const std::string& of, const std::string& by, Figure figure) const {
  const auto over = figures(find(of), figure);
  const auto under = figures(find(by), figure);
  std::vector<double> ratios;
  for (std::size_t i = 0; i < over.size(); ++i) ratios.push_back(over[i] / under[i]);
  return summarise(ratios);
}

double Contest::seconds_per_million(const std::string& name) const {
  return 1 / summarise(figures(find(name), &Measurement::rate)).median;
}

double Contest::median_rss(const std::string& name) const {
  std::vector<double> values;
  for (const auto& round : find(name).rounds) values.push_back(round.rss_mib);
  return summarise(values).median;
}

bool Contest::is_noisy() const {
  return std::ranges::any_of(contenders_, [](const auto& contender) {
    return summarise(figures(contender, &Measurement::cpu_per_million)).spread() > noisy_spread;
  });
}

void Contest::print_noise() const {
  if (is_noisy()) fmt::print("this machine was too noisy to judge: the CPU figures of one contender lie far apart\n");
}

const Contender& Contest::find(const std::string& name) const {
  const auto found = std::ranges::find(contenders_, name, &Contender::name);
  if (found == contenders_.end()) throw std::logic_error{"no contender " + name};
  return *found;
}

}  // namespace tidemark::bench
