#pragma once

#include <chrono>
#include <string>

#include <tidemark/options.hpp>

#include "kafka/handles.hpp"

namespace tidemark::kafka {

/// Ends the fetch stall of librdkafka before 2.2.0: once its prefetch queue was full, a broker thread sleeps for up to a second
/// though the queue was drained long ago, and nothing but an operation, I/O or that second wakes it.
///
/// rd_kafka_sasl_set_credentials ends in waking all broker threads and sends nothing. It is given what is configured already, so
/// that a later authentication finds the same as before. Where credentials are not a user name and a password (Kerberos,
/// OAUTHBEARER) it does nothing, rather than touch them.
///
/// Thread safety: one object a worker thread.
class FetchWaker {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  FetchWaker(rd_kafka_t* client, const ConsumerOptions& options);

  /// To be called whenever messages were taken from the queue.
  void on_read(TimePoint now);
  /// To be called before the queue, found empty, is waited on: the last wake-up may have come before there was room again.
  void before_wait(TimePoint now);

 private:
  void wake(TimePoint now);

  rd_kafka_t* client_;
  bool needed_ = false;
  bool read_since_ = false;
  std::string username_;
  std::string password_;
  TimePoint last_{};
};

}  // namespace tidemark::kafka
