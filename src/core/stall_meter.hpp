#pragma once

#include <chrono>
#include <optional>

#include "core/invariant.hpp"

namespace tidemark::core {

/// Tells a stall, a wait for records though Kafka has more, from a wait because there are none. Knows neither Kafka nor the clock.
///
/// What Kafka has is asked for once a wait, and only when that is long already: most waits are short, and asking costs a look at each partition.
///
/// Thread safety: distinct objects safe; shared objects unsafe.
class StallMeter {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// A wait that is shorter is none.
  static constexpr std::chrono::milliseconds limit{20};

  /// Nothing is there: a wait begins, or goes on.
  void on_nothing(TimePoint now) {
    if (!since_) since_ = now;
  }

  /// Whether to find out now if Kafka has more, and tell on_answer().
  bool asks(TimePoint now) const { return since_ && !has_more_ && now - *since_ >= limit; }
  void on_answer(bool has_more) {
    TIDEMARK_EXPECTS(since_ && !has_more_);  // it is asked once a wait
    has_more_ = has_more;
  }

  /// Whether it will still ask: then a wait should not last longer than `limit`.
  bool is_undecided() const { return !has_more_; }

  /// The wait is over. How long it was, if it was a stall.
  std::optional<std::chrono::nanoseconds> end(TimePoint now) {
    std::optional<std::chrono::nanoseconds> stalled;
    if (since_ && has_more_.value_or(false)) stalled = now - *since_;
    TIDEMARK_ENSURES(!stalled || *stalled >= limit);
    *this = {};
    return stalled;
  }

 private:
  std::optional<TimePoint> since_;
  std::optional<bool> has_more_;
};

}  // namespace tidemark::core
