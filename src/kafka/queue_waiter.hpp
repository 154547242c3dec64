#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>

#include "kafka/handles.hpp"

namespace tidemark::kafka {

/// Waits, by the steady clock, for something to arrive in one of librdkafka's queues. librdkafka's own timed waits follow the wall clock:
/// when that is set back by an hour while one is under way, it lasts an hour longer.
///
/// librdkafka tells only that an empty queue is not empty any more. So read the queue until it is empty, without waiting, before each wait.
///
/// Thread safety: wake() from any thread; wait_until() by one thread at a time.
class QueueWaiter {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  enum class End {
    arrival,  ///< Something has arrived, though what arrived may be outdated.
    call,     ///< Somebody called wake().
    time,     ///< The time is over.
  };

  /// The queue must live longer.
  explicit QueueWaiter(rd_kafka_queue_t* queue);
  ~QueueWaiter();

  QueueWaiter(const QueueWaiter&) = delete;
  QueueWaiter& operator=(const QueueWaiter&) = delete;

  End wait_until(TimePoint deadline);

  /// Ends a wait, the one under way or else the next.
  void wake();

 private:
  static void on_arrival(rd_kafka_t* client, void* self) noexcept;
  void raise(std::atomic<bool>& flag);

  rd_kafka_queue_t* queue_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::atomic<bool> arrived_ = false;
  std::atomic<bool> called_ = false;
};

}  // namespace tidemark::kafka
