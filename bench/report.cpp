#include "report.hpp"

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "machine.hpp"

namespace tidemark::bench {
namespace {

std::string chart_of(const Contest& contest, const Column& column) {
  std::vector<std::string> bars;
  for (const auto& contender : contest.contenders()) {
    const auto [min, median, max] = contest.summary(contender.name, column.figure);
    bars.push_back(
        fmt::format(R"({{"name": "{}", "min": {}, "median": {}, "max": {}}})", contender.name, min, median, max));
  }
  return fmt::format(R"({{"title": "{}", "unit": "{}", "digits": {}, "bars": [{}]}})", contest.title(), column.title,
                     column.digits, fmt::join(bars, ", "));
}

std::string round_of(const Contest& contest, const Contender& contender, std::size_t round) {
  std::string values;
  for (const auto& [name, value] : contender.rounds[round].values())
    values += fmt::format(R"(, "{}": {})", name, value);
  return fmt::format(R"({{"contest": "{}", "contender": "{}", "round": {}{}}})", contest.title(), contender.name,
                     round + 1, values);
}

}  // namespace

void Report::add(const Contest& contest, const Column& charted, std::span<const Column> columns) {
  contest.print_table(columns);
  noisy_ = noisy_ || contest.is_noisy();
  charts_.push_back(chart_of(contest, charted));
  for (const auto& contender : contest.contenders())
    for (std::size_t i = 0; i < contender.rounds.size(); ++i) rounds_.push_back(round_of(contest, contender, i));
}

void Report::key(const std::string& name, double value, int digits) {
  keys_.emplace_back(name, fmt::format("{:.{}f}", value, digits));
}

void Report::key(const std::string& name, const Summary& rounds, int digits) {
  fmt::print("{} {}\n", name, text(rounds, digits));
  key(name, rounds.median, digits);
}

void Report::finish() const {
  write_file();
  fmt::print("bench {}:", name_);
  for (const auto& [name, value] : keys_) fmt::print(" {}={}", name, value);
  fmt::print(" noisy={}\n", noisy_ ? "yes" : "no");
}

void Report::write_file() const {
  std::filesystem::create_directories(settings_.results);
  const auto path = std::filesystem::path{settings_.results} / (name_ + ".json");
  std::vector<std::string> keys;
  for (const auto& [name, value] : keys_) keys.push_back(fmt::format(R"("{}": {})", name, value));
  std::ofstream file{path};
  file << fmt::format(
      R"({{"name": "{}", "date": "{}", "commit": "{}", "machine": "{}", "noisy": {},
 "keys": {{{}}},
 "charts": [{}],
 "rounds": [
  {}]}}
)",
      name_, today(), settings_.commit, machine(), noisy_, fmt::join(keys, ", "), fmt::join(charts_, ",\n  "),
      fmt::join(rounds_, ",\n  "));
  if (!file.flush()) throw std::runtime_error{"cannot write " + path.string()};
}

}  // namespace tidemark::bench
