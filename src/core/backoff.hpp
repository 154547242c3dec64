#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

#include <tidemark/detail/deadline.hpp>
#include <tidemark/options.hpp>

#include "core/invariant.hpp"

namespace tidemark::core {

/// When a failed call to the store is repeated, and when no more. Knows neither clock nor chance: the caller brings both.
class Backoff {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  explicit Backoff(const StoreRetry& retry) : retry_{retry} {}

  /// After a failure at `now`: how long to wait before the next try, or nullopt to give up. `random` is any number, drawn evenly.
  std::optional<std::chrono::milliseconds> next(TimePoint now, std::uint32_t random) {
    if (!gives_up_at_) gives_up_at_ = detail::later(now, retry_.give_up_after);
    if (now >= *gives_up_at_) return std::nullopt;
    const auto delay = delay_.value_or(retry_.first_delay);
    TIDEMARK_EXPECTS(delay.count() >= 0);
    delay_ = delay < retry_.max_delay / 2 ? delay * 2 : retry_.max_delay;
    const auto jitter = delay.count() > 1 ? static_cast<std::int64_t>(random) % (delay.count() / 2 + 1) : 0;
    TIDEMARK_ENSURES(jitter >= 0 && jitter <= delay.count());
    return delay - std::chrono::milliseconds{jitter};
  }

 private:
  StoreRetry retry_;
  std::optional<TimePoint> gives_up_at_;
  std::optional<std::chrono::milliseconds> delay_;
};

}  // namespace tidemark::core
