#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

#include <tidemark/detail/deadline.hpp>

namespace tidemark::engine {

/// A wait that others can cut short, to let the waiter look at what has changed.
///
/// Thread safety: shared objects safe.
class Interrupt {
 public:
  void raise() {
    {
      const std::lock_guard lock{mutex_};
      raised_ = true;
    }
    changed_.notify_all();
  }

  /// No wait is worth while any more.
  void cancel() {
    {
      const std::lock_guard lock{mutex_};
      cancelled_ = true;
    }
    changed_.notify_all();
  }

  /// Returns after the delay, or when raised since the last wait. False when cancelled.
  bool wait_for(std::chrono::milliseconds delay) {
    std::unique_lock lock{mutex_};
    changed_.wait_until(lock, detail::later(std::chrono::steady_clock::now(), delay),
                        [this] { return raised_ || cancelled_; });
    raised_ = false;
    return !cancelled_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool raised_ = false;
  bool cancelled_ = false;
};

}  // namespace tidemark::engine
