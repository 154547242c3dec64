#pragma once

#include <algorithm>
#include <chrono>
#include <limits>

#include <tidemark/detail/deadline.hpp>

#include "stores/common/call_scope.hpp"

namespace tidemark::stores {

/// A point in time until which something may take. Whatever it is made of, nothing overflows: a time too long to be added to the clock is
/// for ever, one below zero is over. Made within a CallScope it ends no later than the caller's deadline, and it is over once the caller's
/// stop token is set.
class Deadline {
 public:
  using Clock = std::chrono::steady_clock;

  /// What left() says at most, so that it can be added to and passed to system calls: 24 days. A wait that ends with it has to look again.
  static constexpr std::chrono::milliseconds longest_wait{std::numeric_limits<int>::max()};

  explicit Deadline(std::chrono::milliseconds from_now)
      : at_{std::min(detail::later(Clock::now(), std::max(from_now, std::chrono::milliseconds{0})),
                     CallScope::deadline())} {}
  explicit Deadline(Clock::time_point at) : at_{at} {}

  /// When only the caller ends a wait.
  static Deadline of_caller() { return Deadline{CallScope::deadline()}; }

  /// The same, but not after `at`.
  Deadline no_later_than(Clock::time_point at) const { return Deadline{std::min(at_, at)}; }

  /// Rounded up, so that waiting for it always reaches it; 0 once it is over.
  std::chrono::milliseconds left() const {
    const auto now = Clock::now();
    if (at_ <= now || CallScope::is_stopped()) return std::chrono::milliseconds{0};
    if (at_ - now >= longest_wait) return longest_wait;
    return std::chrono::ceil<std::chrono::milliseconds>(at_ - now);
  }
  /// How long a wait may take before it looks whether the deadline is over.
  std::chrono::milliseconds until_next_look() const {
    return CallScope::can_be_stopped() ? std::min(left(), CallScope::look_every) : left();
  }
  bool is_over() const { return Clock::now() >= at_ || CallScope::is_stopped(); }

  Clock::time_point at() const { return at_; }

 private:
  Clock::time_point at_;
};

}  // namespace tidemark::stores
