#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "engine/mailbox.hpp"

namespace tidemark::engine {

/// A thread for what must not block the control thread: loading offsets, asking brokers. A job that throws ends the consumer.
///
/// Thread safety: shared objects safe.
class Background {
 public:
  explicit Background(Mailbox& mailbox) : mailbox_{mailbox}, thread_{[this] { run(); }} {}
  ~Background();

  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  void post(std::function<void()> job);

 private:
  void run() noexcept;

  Mailbox& mailbox_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> jobs_;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace tidemark::engine
