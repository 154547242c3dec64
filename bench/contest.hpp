#pragma once

#include <functional>
#include <string>
#include <vector>

#include "measurement.hpp"

namespace tidemark::bench {

struct Contender {
  std::string name;
  /// The program and its arguments for a round.
  std::function<std::vector<std::string>(int round)> command;
  std::vector<Measurement> rounds{};
};

/// Runs contenders in turn, A B C A B C …, so that what disturbs the machine for a while disturbs them all.
class Contest {
 public:
  Contest(std::vector<Contender> contenders, int rounds) : contenders_{std::move(contenders)}, rounds_{rounds} {}

  /// After one round that does not count.
  void run();
  void print_table() const;

  using Figure = double (Measurement::*)() const;
  /// `of` divided by `by`, round for round.
  Summary ratio(const std::string& of, const std::string& by, Figure figure) const;
  double seconds_per_million(const std::string& name) const;  ///< The median.
  double median_rss(const std::string& name) const;
  /// The CPU figures of some contender lie so far apart that the ratios mean little.
  bool is_noisy() const;
  void print_noise() const;

 private:
  const Contender& find(const std::string& name) const;

  std::vector<Contender> contenders_;
  int rounds_;
};

}  // namespace tidemark::bench
