#pragma once

#include <condition_variable>
#include <mutex>
#include <stdexcept>

#include <tidemark/batch.hpp>

#include "engine/running.hpp"
#include "support/eventually.hpp"

namespace tidemark::test {

/// Holds handlers up until a test has seen, and done, what it wants.
class Gate {
 public:
  /// For the handler: waits until open().
  void pass() {
    std::unique_lock lock{mutex_};
    ++arrived_;
    changed_.notify_all();
    changed_.wait_for(lock, patience, [this] { return is_open_; });
  }

  /// For the handler: does not wait.
  void arrive() {
    const std::lock_guard lock{mutex_};
    ++arrived_;
    changed_.notify_all();
  }

  void open() {
    const std::lock_guard lock{mutex_};
    is_open_ = true;
    changed_.notify_all();
  }

  /// For a handler: waits for others.
  void wait_until_reached(int times) {
    if (!is_reached(times)) throw std::runtime_error{"the other handlers did not come"};
  }

  /// Waits until so many handlers have come here.
  [[nodiscard]] bool is_reached(int times = 1) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, patience, [&] { return arrived_ >= times; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int arrived_ = 0;
  bool is_open_ = false;
};

/// For the handler: waits until it is asked to finish soon.
inline void wait_for_stop(const Batch<>& batch) {
  if (!eventually([&] { return batch.stop_token().stop_requested(); }, patience))
    throw std::runtime_error{"the handler was not asked to stop"};
}

}  // namespace tidemark::test
