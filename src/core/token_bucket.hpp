#pragma once

#include <algorithm>
#include <chrono>

#include "core/invariant.hpp"

namespace tidemark::core {

/// Lets so many a second through. Who finds it open may take more than is in it: then it stays closed the longer, so the rate holds for
/// takings of any size.
///
/// Thread safety: distinct objects safe; shared objects unsafe.
class TokenBucket {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// What is in it stays, debts too. 0: no limit.
  void set_rate(double per_second, TimePoint now) {
    TIDEMARK_EXPECTS(per_second >= 0);
    refill(now);
    const bool was_unlimited = rate_ == 0;
    rate_ = per_second;
    tokens_ = was_unlimited ? capacity() : std::min(tokens_, capacity());
  }

  bool is_open(TimePoint now) {
    if (rate_ == 0) return true;
    refill(now);
    return tokens_ >= 1;
  }

  void take(double count) {
    TIDEMARK_EXPECTS(count >= 0);
    tokens_ -= count;
  }

  /// As of the last is_open().
  TimePoint opens_at() const {
    if (rate_ == 0 || tokens_ >= 1) return filled_at_;
    const std::chrono::duration<double> wait{(1 - tokens_) / rate_};
    return filled_at_ + std::chrono::ceil<std::chrono::milliseconds>(std::min(wait, longest));
  }

 private:
  static constexpr std::chrono::duration<double> longest{3600.0};  // so that no sum of times overflows

  /// A tenth of a second's worth, and at least one: at low rates nothing would fit in.
  double capacity() const { return std::max(rate_ / 10, 1.0); }

  void refill(TimePoint now) {
    if (now == filled_at_) return;
    const std::chrono::duration<double> passed = now - filled_at_;
    filled_at_ = now;
    if (rate_ > 0) tokens_ = std::min(tokens_ + passed.count() * rate_, capacity());
    TIDEMARK_ENSURES(rate_ == 0 || tokens_ <= capacity());
  }

  double rate_ = 0;
  double tokens_ = 0;
  TimePoint filled_at_{};
};

}  // namespace tidemark::core
