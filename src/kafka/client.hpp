#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include <tidemark/observer.hpp>
#include <tidemark/options.hpp>

#include "core/partition_start.hpp"
#include "core/redaction.hpp"
#include "kafka/broker_waker.hpp"
#include "kafka/handles.hpp"
#include "kafka/message_returns.hpp"
#include "kafka/queue_waiter.hpp"

namespace tidemark::kafka {

/// What librdkafka reports on its main queue.
namespace event {

struct Nothing {};

struct Assigned {
  std::vector<TopicPartition> partitions;
};

struct Revoked {
  std::vector<TopicPartition> partitions;
  bool lost = false;
};

/// Something that librdkafka overcomes by itself.
struct Trouble {
  int code = 0;
  std::string text;
};

/// The client cannot go on.
struct Fatal {
  int code = 0;
  std::string text;
};

struct Log {
  LogLevel level = LogLevel::info;
  std::string text;
};

/// What {"statistics.interval.ms", …} asks for, in JSON.
struct Statistics {
  std::string json;
};

}  // namespace event

using Event = std::variant<event::Nothing, event::Assigned, event::Revoked, event::Trouble, event::Fatal, event::Log,
                           event::Statistics>;

/// A librdkafka consumer and its main queue: membership, assignment, close. Records come through Lanes.
///
/// Thread safety: wake(), end_of(), handle() and returns() from any thread; the rest by the control thread.
class Client {
 public:
  explicit Client(const ConsumerOptions& options);
  ~Client();

  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  rd_kafka_t* handle() const { return client_; }
  /// Where messages go that are done with.
  MessageReturns& returns() { return returns_; }

  /// Waits for an event no longer than this, by the steady clock, and keeps librdkafka's own threads going meanwhile.
  Event poll(std::chrono::milliseconds timeout);
  /// Whether a poll would not wait.
  bool has_event() const { return rd_kafka_queue_length(queue_.get()) > 0; }
  /// Ends a poll, the one under way or else the next.
  void wake() { waiter_->wake(); }

  void subscribe(std::span<const std::string> topics);
  /// Whether the broker evaluates patterns of topics, and matches them with whole names (KIP-848), rather than librdkafka, which finds them
  /// anywhere in a name.
  bool matches_whole_names() const;

  /// Whether assignments change by increments (cooperative, KIP-848) or as a whole.
  bool is_incremental() const;

  /// The answer to Assigned; also sets explicit partitions. Where assignments change by increments, what stays is fetched again from then
  /// on; new partitions may come in a later call.
  void assign(std::span<const core::PartitionStart> starts);
  /// The answer to Revoked.
  void unassign(std::span<const TopicPartition> partitions);
  /// Takes these off, to put them back elsewhere; where assignments change as a whole, all partitions. When it returns their queues are
  /// forwarded nowhere, and can be forwarded anew.
  void take_off(std::span<const core::PartitionStart> starts);
  /// `all` is what is to be assigned then, `starts` included.
  void put_back(std::span<const core::PartitionStart> starts, std::span<const core::PartitionStart> all);

  /// The value of a property, as librdkafka holds it.
  std::string property(const char* name) const;

  /// The group has moved on without us.
  bool is_membership_lost() const { return rd_kafka_assignment_lost(client_) != 0; }

  /// The partition's end as of the last fetch.
  std::optional<std::int64_t> end_of(const TopicPartition& partition) const;

  /// Starts to leave the group; go on polling until is_closed().
  void begin_close();
  bool is_closed() const { return rd_kafka_consumer_closed(client_) != 0; }

 private:
  PartitionListHandle assignment() const;
  void await_stopped_fetchers();
  void nudge();
  void go_on_fetching();
  Event translate(rd_kafka_event_t* event);
  Event translate_error(rd_kafka_event_t* event);
  Event translate_log(rd_kafka_event_t* event) const;

  core::Redaction redact_;
  MessageReturns returns_;
  rd_kafka_t* client_ = nullptr;
  QueueHandle queue_;
  std::optional<QueueWaiter> waiter_;  // gone before the queue, which is gone before the client
  BrokerWaker brokers_;
  std::chrono::milliseconds nudge_interval_;
  std::chrono::steady_clock::time_point next_nudge_{};
  std::string patterns_;  // those subscribed to, for errors
  bool is_closing_ = false;
};

}  // namespace tidemark::kafka
