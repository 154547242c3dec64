#pragma once

#include <algorithm>
#include <chrono>

namespace tidemark::detail {

/// A point in time until which something may take.
class HBaseDeadline {
 public:
  using Clock = std::chrono::steady_clock;

  explicit HBaseDeadline(std::chrono::milliseconds from_now) : at_{Clock::now() + from_now} {}

  /// Rounded up, so that waiting for it always reaches it; 0 once it is over.
  std::chrono::milliseconds left() const {
    return std::max(std::chrono::ceil<std::chrono::milliseconds>(at_ - Clock::now()), std::chrono::milliseconds{0});
  }

 private:
  Clock::time_point at_;
};

}  // namespace tidemark::detail
