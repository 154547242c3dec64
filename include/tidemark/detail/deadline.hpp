#pragma once

#include <algorithm>
#include <chrono>
#include <limits>

namespace tidemark::detail {

using SteadyTime = std::chrono::steady_clock::time_point;

/// `delay` after `from`. A sum that the clock can't count to becomes the clock's last time point: options say "for ever" with
/// milliseconds::max(), and the plain sum would lie in the past.
constexpr SteadyTime later(SteadyTime from, std::chrono::milliseconds delay) noexcept {
  using std::chrono::nanoseconds;
  constexpr auto longest = std::chrono::floor<std::chrono::milliseconds>(nanoseconds::max());
  const nanoseconds exact = delay > longest    ? nanoseconds::max()
                            : delay < -longest ? nanoseconds::min()
                                               : nanoseconds{delay};
  if (exact.count() > 0) return from > SteadyTime::max() - exact ? SteadyTime::max() : from + exact;
  return from < SteadyTime::min() - exact ? SteadyTime::min() : from + exact;
}

/// A time-out as librdkafka and poll(2) take it. Negative ones would mean "without limit" there, so they become 0.
constexpr int int_ms(std::chrono::milliseconds timeout) noexcept {
  return static_cast<int>(
      std::clamp<std::chrono::milliseconds::rep>(timeout.count(), 0, std::numeric_limits<int>::max()));
}

}  // namespace tidemark::detail
