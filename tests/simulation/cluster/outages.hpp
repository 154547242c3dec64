#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "scheduler.hpp"

namespace simulation {

/// When all brokers were away, or a partition had no leader: until that is over nobody can wonder that something stands still.
class Outages {
 public:
  void begin(Time now) {
    if (open_++ == 0) began_ = now;
  }

  void end(Time now) {
    if (--open_ == 0) past_.emplace_back(began_, now);
  }

  /// How much of the time from `from` to `until` one or more of them lasted.
  Time within(Time from, Time until) const {
    Time sum{};
    const auto add = [&](Time begin, Time end) {
      sum += std::max(Time{}, std::min(end, until) - std::max(begin, from));
    };
    for (const auto& [begin, end] : past_) add(begin, end);
    if (open_ > 0) add(began_, until);
    return sum;
  }

 private:
  int open_ = 0;
  Time began_{};
  std::vector<std::pair<Time, Time>> past_;
};

}  // namespace simulation
