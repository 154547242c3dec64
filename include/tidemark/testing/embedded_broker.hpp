#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tidemark/export.hpp>

namespace tidemark::testing {

struct EmbeddedBrokerOptions {
  std::map<std::string, std::int32_t> topics{};  ///< Name and number of partitions.
  int brokers = 1;
};

/// A record to be produced. Null and empty differ, as in Kafka.
struct OutgoingRecord {
  std::string topic;
  std::optional<std::int32_t> partition{};  ///< nullopt: chosen by the key's hash, as Kafka's Java producer does.
  std::optional<std::string_view> key{};
  std::optional<std::string_view> value{};
  std::vector<std::pair<std::string, std::optional<std::string>>> headers{};
  std::optional<std::chrono::system_clock::time_point> timestamp{};  ///< nullopt: now.
};

/// A Kafka cluster inside the process, for tests and demonstrations: librdkafka's mock cluster, with a producer to fill it.
///
/// It listens on free ports of the loopback interface, so that any Kafka client, in other processes too, can use brokers(). Group
/// membership with eager and cooperative rebalancing, offset commits, regex subscriptions, headers, timestamps and compression
/// work. What a real cluster does otherwise:
///
/// * The first member of a group waits 3 seconds for its assignment with librdkafka 2.0.2, which can't be told otherwise; with
///   releases that can, 100 ms. A member that joins later waits until `session.timeout.ms` of the others is nearly over:
///   set that to a few seconds. Explicit partitions start at once.
/// * New records may reach a waiting consumer only after its `fetch.wait.max.ms` (500 by default): set 10 or so.
/// * One batch of the producer per partition and fetch is delivered, so many small batches are slow to read.
/// * A partition keeps its last 5 MiB, or 100,000 batches: what was there before is out of range.
/// * A topic that does not exist is made, with 4 partitions, as soon as somebody asks for it.
/// * Looking offsets up by timestamp finds the end. There is no compaction and no retention by time.
/// * A member that leaves cleanly stays in its group until its session times out: its successor waits that long.
/// * The offsets of a group can't be listed: KafkaOffsetStore::list() finds nothing.
/// * Transactions are accepted but aborted records are delivered, and there are no transaction markers.
/// * No topic administration over the network (create, delete, delete records), no security, no quotas.
///
/// Thread safety: shared objects safe.
/// Blocking:      produce() while the producer's queue is full; flush() until everything has arrived.
/// Lifetime:      clients should be gone before it is destroyed: they see it as a broker that went down.
/// Errors:        KafkaError; ConfigError for options that cannot work.
class TIDEMARK_EXPORT EmbeddedBroker {
 public:
  explicit EmbeddedBroker(const EmbeddedBrokerOptions& options = {});
  ~EmbeddedBroker();

  EmbeddedBroker(const EmbeddedBroker&) = delete;
  EmbeddedBroker& operator=(const EmbeddedBroker&) = delete;

  /// For ConsumerOptions::brokers, or any client's bootstrap.servers: "127.0.0.1:41235".
  std::string brokers() const;

  void create_topic(const std::string& name, std::int32_t partitions);

  /// Hands the record to the producer. Records of one partition arrive in the order of these calls.
  void produce(const OutgoingRecord& record);

  /// Returns when all that was produced has arrived.
  ///
  /// Errors: KafkaError for the first record that did not arrive, or when `timeout` is over.
  void flush(std::chrono::milliseconds timeout = std::chrono::seconds{30});

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidemark::testing
