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

/// Questions to the brokers. All block, up to their time-out or longer (librdkafka issues 4460, 4878), and must not be asked on the
/// control thread. All throw KafkaError.
///
/// Thread safety: shared objects safe.
class BrokerQueries {
 public:
  explicit BrokerQueries(rd_kafka_t* client) : client_{client} {}

  /// Returns once any broker has answered.
  void contact(std::chrono::milliseconds timeout) const;

  /// Number of partitions; 0 where the topic does not exist.
  std::int32_t partition_count(const std::string& topic, std::chrono::milliseconds timeout) const;

  /// In the order asked.
  std::vector<std::int64_t> beginnings(std::span<const TopicPartition> partitions,
                                       std::chrono::milliseconds timeout) const;
  /// What transactions under way have written lies beyond the end.
  std::vector<std::int64_t> ends(std::span<const TopicPartition> partitions, std::chrono::milliseconds timeout) const;
  /// The first record not older than that; the end where there is none.
  std::vector<std::int64_t> offsets_at(std::span<const TopicPartition> partitions,
                                       std::chrono::system_clock::time_point at,
                                       std::chrono::milliseconds timeout) const;

 private:
  std::vector<std::int64_t> list_offsets(std::span<const TopicPartition> partitions, std::int64_t timestamp,
                                         std::chrono::milliseconds timeout) const;

  rd_kafka_t* client_;
};

}  // namespace tidemark::kafka
