#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <tidemark/topic_partition.hpp>

#include "kafka/handles.hpp"

namespace tidemark::kafka {

/// Whether an error code of librdkafka tells of an outage that passes, such as a broker that is being restarted.
bool is_outage(int code);

/// Whether the same question may be answered later without anybody's doing. A right that is missing, or a request that the broker does not
/// know, stays as it is.
bool may_heal(int code);

/// librdkafka's words for a code.
std::string text_of(int code);

/// What Kafka said of one partition.
struct OffsetAnswer {
  std::int64_t offset = 0;
  int code = 0;  ///< Other than 0: why there is no offset. It may_heal().
};

/// Questions to the brokers. All block, up to their time-out or longer (librdkafka issues 4460, 4878), and must not be asked on the
/// control thread. All throw KafkaError.
///
/// Thread safety: shared objects safe.
class BrokerQueries {
 public:
  explicit BrokerQueries(rd_kafka_t* client) : client_{client} {}

  /// Returns once any broker has answered.
  void contact(std::chrono::milliseconds timeout) const;

  /// The addresses to which the cluster sends its clients, as "host:port/ID, …".
  std::string advertised(std::chrono::milliseconds timeout) const;

  /// Returns once the group's coordinator has answered, whatever the answer is.
  void reach_coordinator(const std::string& topic, std::chrono::milliseconds timeout) const;

  /// The strategy by which the group's members share partitions; empty where it is not known.
  std::string strategy_of(const std::string& group, std::chrono::milliseconds timeout) const;

  /// Returns once a leader of at least one of these has answered.
  void reach_leader(std::span<const TopicPartition> partitions, std::chrono::milliseconds timeout) const;

  /// Number of partitions; 0 where the topic does not exist.
  std::int32_t partition_count(const std::string& topic, std::chrono::milliseconds timeout) const;

  /// In the order asked. An answer about one partition concerns that partition: what may heal is in its OffsetAnswer; what can't is thrown.
  std::vector<OffsetAnswer> beginnings(std::span<const TopicPartition> partitions,
                                       std::chrono::milliseconds timeout) const;
  /// What transactions under way have written lies beyond the end.
  std::vector<OffsetAnswer> ends(std::span<const TopicPartition> partitions, std::chrono::milliseconds timeout) const;
  /// The first record not older than that; the end where there is none.
  std::vector<OffsetAnswer> offsets_at(std::span<const TopicPartition> partitions,
                                       std::chrono::system_clock::time_point at,
                                       std::chrono::milliseconds timeout) const;

 private:
  using Partitions = std::span<const TopicPartition>;

  std::vector<OffsetAnswer> list_offsets(Partitions partitions, std::int64_t timestamp,
                                         std::chrono::milliseconds timeout) const;
  std::vector<OffsetAnswer> ask_each_leader(Partitions partitions, std::int64_t timestamp,
                                            std::chrono::milliseconds timeout) const;
  std::vector<std::int32_t> leaders_of(Partitions partitions, std::chrono::milliseconds timeout) const;

  rd_kafka_t* client_;
};

}  // namespace tidemark::kafka
