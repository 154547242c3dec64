#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <span>

#include <tidemark/rate_limit.hpp>

#include "core/throttle.hpp"

namespace tidemark::engine {

/// What the user lets through: nothing while it is paused, and all workers together no more than a rate. Whoever changes it wakes the
/// readers.
///
/// Thread safety: shared objects safe.
class Flow {
 public:
  using TimePoint = core::Throttle::TimePoint;

  Flow(const RateLimit& limit, const RateLimit& partition_limit) : partition_limit_{partition_limit} {
    set_limit(limit);
  }

  void pause(bool paused) { paused_ = paused; }
  bool is_paused() const { return paused_; }

  void set_limit(const RateLimit& limit) {
    const std::lock_guard lock{mutex_};
    limited_ = limit != RateLimit{};
    throttle_.set_limit(limit, std::chrono::steady_clock::now());
  }
  bool is_limited() const { return limited_.load(std::memory_order_relaxed); }

  void set_partition_limit(const RateLimit& limit) {
    const std::lock_guard lock{mutex_};
    partition_limit_ = limit;
  }
  RateLimit partition_limit() const {
    const std::lock_guard lock{mutex_};
    return partition_limit_;
  }

  /// How many records of these sizes, one after the other, go through. They count as gone.
  std::size_t admit(std::span<const std::size_t> sizes, TimePoint now) {
    const std::lock_guard lock{mutex_};
    return throttle_.take(sizes, now);
  }
  TimePoint opens_at() const {
    const std::lock_guard lock{mutex_};
    return throttle_.opens_at();
  }

 private:
  std::atomic<bool> paused_ = false;
  std::atomic<bool> limited_ = false;
  mutable std::mutex mutex_;  // of what follows
  core::Throttle throttle_;
  RateLimit partition_limit_;
};

}  // namespace tidemark::engine
