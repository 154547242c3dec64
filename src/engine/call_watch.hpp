#pragma once

#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace tidemark::engine {

/// Sees how long somebody is at a call to the outside, repetitions included, and how the last try failed: to a store, a dead-letter sink, or
/// a handler that failed. A call that succeeds costs two atomic stores.
///
/// Thread safety: shared objects safe; one Call at a time.
class CallWatch {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  class Call {
   public:
    explicit Call(CallWatch& watch, TimePoint began = std::chrono::steady_clock::now()) : watch_{watch} {
      watch_.since_.store(began.time_since_epoch().count(), std::memory_order_relaxed);
    }
    ~Call() {
      watch_.since_.store(0, std::memory_order_relaxed);
      if (watch_.has_failed_.exchange(false, std::memory_order_relaxed)) watch_.set_failure({});
    }
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

   private:
    CallWatch& watch_;
  };

  /// The call under way has failed and is tried again.
  void fail(std::string why) {
    set_failure(std::move(why));
    has_failed_.store(true, std::memory_order_relaxed);
  }

  std::optional<TimePoint> since() const {
    const auto since = since_.load(std::memory_order_relaxed);
    if (since == 0) return std::nullopt;
    return TimePoint{TimePoint::duration{since}};
  }
  /// Empty where no try of the call under way has failed.
  std::string failure() const {
    const std::lock_guard lock{mutex_};
    return failure_;
  }

 private:
  void set_failure(std::string why) {
    const std::lock_guard lock{mutex_};
    failure_ = std::move(why);
  }

  std::atomic<TimePoint::rep> since_ = 0;
  std::atomic<bool> has_failed_ = false;
  mutable std::mutex mutex_;
  std::string failure_;
};

}  // namespace tidemark::engine
