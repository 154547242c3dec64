#pragma once

#include <mutex>
#include <optional>
#include <string>

#include "kafka/handles.hpp"

namespace tidemark::kafka {

/// What keeps a client from its brokers. librdkafka goes on trying until a request's time is over, and then says no more than that;
/// the cause, such as a wrong password, is in the error events of its main queue only.
///
/// Thread safety: shared objects safe.
class Trouble {
 public:
  struct Cause {
    rd_kafka_resp_err_t code;
    std::string text;
  };

  /// Takes the events that wait in the client's main queue.
  void hear(rd_kafka_t& client);
  /// The same for an event that was taken from there.
  void note(rd_kafka_event_t& event);
  void forget();
  std::optional<Cause> cause() const;

 private:
  mutable std::mutex mutex_;
  std::optional<Cause> cause_;
};

}  // namespace tidemark::kafka
