#pragma once

#include <algorithm>
#include <chrono>

namespace tidemark::stores {

/// A point in time until which something may take.
class Deadline {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Deadline(std::chrono::milliseconds from_now) : at_{Clock::now() + from_now} {}

  /// Rounded up, so that waiting for it always reaches it; 0 once it is over.
  std::chrono::milliseconds left() const {
    return std::max(std::chrono::ceil<std::chrono::milliseconds>(at_ - Clock::now()), std::chrono::milliseconds{0});
  }
  bool is_over() const { return Clock::now() >= at_; }

 private:
  Clock::time_point at_;
};

}  // namespace tidemark::stores
