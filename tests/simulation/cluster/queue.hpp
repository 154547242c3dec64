#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include <librdkafka/rdkafka.h>

#include <tidemark/topic_partition.hpp>

#include "scheduler.hpp"

namespace simulation {

class Client;
class Queue;

/// What librdkafka's client knows of a partition.
struct Toppar {
  Client* client = nullptr;
  tidemark::TopicPartition name;
  rd_kafka_topic_t* topic = nullptr;
  std::shared_ptr<Queue> queue;
  bool is_forwarded = false;  ///< By the application.
  int version = 0;            ///< Messages of an older one are dropped unseen.
  bool is_assigned = false;
  bool is_stopping = false;  ///< Its fetcher has yet to report that it stopped.
  bool starts_then = false;
  bool is_fetching = false;
  std::optional<std::int64_t> consumed;  ///< The application has had all before.
  std::int64_t start = 0;                ///< What fetching goes back to.
  std::int64_t position = 0;
  int incarnation = 0;
  std::int64_t end_reported = -1;
  std::int64_t high = -1;
  std::size_t queued = 0;
};

/// One of librdkafka's queues: of messages or of events. Another one may stand behind it, to which all is forwarded.
class Queue {
 public:
  struct Item {
    rd_kafka_message_t* message = nullptr;
    rd_kafka_event_t* event = nullptr;
    Toppar* toppar = nullptr;
    int version = 0;

    /// Tells whoever reads that messages of the partition that are older than this are void.
    bool is_barrier() const { return message == nullptr && event == nullptr; }
    /// Librdkafka gives its out-of-range errors no version (rd_kafka_offset_reset): these outlive every assignment.
    bool is_outdated(int by) const { return version != 0 && version < by; }
  };

  ~Queue();

  void push(const Item& item);
  /// Overtakes whatever is there.
  void push_barrier(Toppar& toppar);
  /// Waits for the first one; nullopt when the time is over, or somebody yields. The wait follows the process's wall clock, as
  /// librdkafka's do.
  std::optional<Item> pop(Time until);
  void forward(std::shared_ptr<Queue> to);
  void yield();
  /// Called whenever something comes into the empty queue; nobody where it is empty. rd_kafka_queue_cb_event_enable.
  void on_arrival(std::function<void()> told) { on_arrival_ = std::move(told); }
  std::size_t length() const { return to_ ? to_->length() : items_.size(); }

 private:
  static void discard(const Item& item);
  void arrived();

  std::deque<Item> items_;
  std::shared_ptr<Queue> to_;
  bool yields_ = false;
  std::function<void()> on_arrival_;
};

}  // namespace simulation
