#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "contest.hpp"
#include "settings.hpp"

namespace tidemark::bench {

/// Collects what a benchmark found: prints tables and keys as they come, and at the end the last line and a file.
class Report {
 public:
  Report(std::string name, const Settings& settings) : name_{std::move(name)}, settings_{settings} {}

  /// Prints the contest's table. `charted` is what its chart shows.
  void add(const Contest& contest, const Column& charted, std::span<const Column> columns = throughput_columns());

  void key(const std::string& name, double value, int digits = 3);
  /// The median is the key's value; the range over the rounds is printed beside it.
  void key(const std::string& name, const Summary& rounds, int digits = 3);

  /// Writes NAME.json into the results' folder, and prints `bench NAME: key=value …`.
  void finish() const;

 private:
  void write_file() const;

  std::string name_;
  const Settings& settings_;
  std::vector<std::pair<std::string, std::string>> keys_;
  std::vector<std::string> charts_;  // as JSON
  std::vector<std::string> rounds_;  // as JSON
  bool noisy_ = false;
};

}  // namespace tidemark::bench
