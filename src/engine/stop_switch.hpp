#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>

#include "core/invariant.hpp"

namespace tidemark::engine {

/// Asks the handler of the batch in hand to finish soon, and ends waits between its tries.
///
/// Thread safety: shared objects safe; renew() by the worker's thread only.
class StopSwitch {
 public:
  /// The batch in hand is to be finished soon.
  void request() {
    {
      const std::lock_guard lock{mutex_};
      requested_ = true;
      source_.request_stop();
    }
    changed_.notify_all();
  }

  /// So is every later one.
  void close() {
    {
      const std::lock_guard lock{mutex_};
      closed_ = true;
      requested_ = true;
      source_.request_stop();
    }
    changed_.notify_all();
  }

  /// This call of the handler takes too long, which is nothing to wait shorter or to give up for.
  void time_out() {
    const std::lock_guard lock{mutex_};
    source_.request_stop();
  }
  /// The next call is another.
  void forget_time_out() {
    const std::lock_guard lock{mutex_};
    if (!requested_ && source_.stop_requested()) source_ = {};
  }

  /// Not just timed out.
  bool is_requested() const {
    const std::lock_guard lock{mutex_};
    return requested_;
  }

  bool is_closed() const {
    const std::lock_guard lock{mutex_};
    return closed_;
  }

  /// Marks the request as handled. Call this before you read what to give up: a request that arrives in between then sets the flag again
  /// (invariant 20).
  void renew() {
    const std::lock_guard lock{mutex_};
    TIDEMARK_INVARIANT(20, !closed_ || requested_);
    if (!requested_ || closed_) return;
    requested_ = false;
    source_ = {};
  }

  std::stop_token token() const {
    const std::lock_guard lock{mutex_};
    TIDEMARK_INVARIANT(26, source_.stop_requested() == requested_);
    return source_.get_token();
  }

  /// False when it is cut short by a request.
  bool wait_until(std::chrono::steady_clock::time_point deadline) {
    std::unique_lock lock{mutex_};
    changed_.wait_until(lock, deadline, [this] { return requested_; });
    return !requested_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::stop_source source_;
  bool requested_ = false;
  bool closed_ = false;
};

}  // namespace tidemark::engine
