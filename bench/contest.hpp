#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "measurement.hpp"

namespace tidemark::bench {

struct Contender {
  std::string name;
  std::function<Measurement(int round)> run;
  std::vector<Measurement> rounds{};
};

using Figure = double (Measurement::*)() const;

struct Column {
  const char* title;
  Figure figure;
  int digits = 3;
};

/// What is shown of consumers that run as fast as they can.
std::span<const Column> throughput_columns();

/// Runs contenders in turn, A B C A B C …, so that what disturbs the machine for a while disturbs them all.
class Contest {
 public:
  /// `steady` is the figure that should be nearly the same in all rounds: where it is not, the machine is too noisy.
  Contest(std::string title, std::vector<Contender> contenders, int rounds,
          Figure steady = &Measurement::cpu_per_million)
      : title_{std::move(title)}, contenders_{std::move(contenders)}, rounds_{rounds}, steady_{steady} {}

  /// After one round that does not count.
  void run();
  void print_table(std::span<const Column> columns = throughput_columns()) const;

  const std::string& title() const { return title_; }
  const std::vector<Contender>& contenders() const { return contenders_; }
  bool has(const std::string& name) const;

  Summary summary(const std::string& name, Figure figure) const;
  double median(const std::string& name, Figure figure) const { return summary(name, figure).median; }
  /// `of` divided by `by`, round for round.
  Summary ratio(const std::string& of, const std::string& by, Figure figure) const;
  /// `of` less `by`, round for round.
  Summary difference(const std::string& of, const std::string& by, Figure figure) const;
  /// The rounds of some contender lie so far apart that the ratios mean little.
  bool is_noisy() const;

 private:
  const Contender& find(const std::string& name) const;
  Summary combine(const std::string& of, const std::string& by, Figure figure,
                  const std::function<double(double, double)>& operation) const;

  std::string title_;
  std::vector<Contender> contenders_;
  int rounds_;
  Figure steady_;
};

}  // namespace tidemark::bench
