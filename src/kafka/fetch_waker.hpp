#pragma once

#include <chrono>

#include "kafka/broker_waker.hpp"

namespace tidemark::kafka {

/// Ends the fetch stall of librdkafka before 2.2.0: once its prefetch queue was full, a broker thread sleeps for up to a second
/// though the queue was drained long ago.
///
/// Thread safety: one object a worker thread.
class FetchWaker {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  explicit FetchWaker(rd_kafka_t* client);

  /// To be called whenever messages were taken from the queue.
  void on_read(TimePoint now);
  /// To be called before the queue, found empty, is waited on: the last wake-up may have come before there was room again.
  void before_wait(TimePoint now);

 private:
  void wake(TimePoint now);

  BrokerWaker brokers_;
  bool needed_ = false;
  bool read_since_ = false;
  TimePoint last_{};
};

}  // namespace tidemark::kafka
