#include "kafka/broker_queries.hpp"

#include <memory>

#include <fmt/format.h>

#include <tidemark/error.hpp>

#include "kafka/partition_list.hpp"

namespace tidemark::kafka {
namespace {

using TopicHandle = std::unique_ptr<rd_kafka_topic_t, FreeWith<rd_kafka_topic_destroy>>;
using MetadataHandle = std::unique_ptr<const struct rd_kafka_metadata, FreeWith<rd_kafka_metadata_destroy>>;

// In Kafka's ListOffsets request these two stand in the place of a timestamp; librdkafka passes them on as they are.
constexpr std::int64_t beginning_timestamp = RD_KAFKA_OFFSET_BEGINNING;
constexpr std::int64_t end_timestamp = RD_KAFKA_OFFSET_END;

[[noreturn]] void fail(rd_kafka_resp_err_t code, const std::string& what) {
  throw KafkaError{code, fmt::format("{}: {}", what, rd_kafka_err2str(code))};
}

MetadataHandle metadata(rd_kafka_t* client, rd_kafka_topic_t* topic, std::chrono::milliseconds timeout,
                        const std::string& what) {
  const struct rd_kafka_metadata* answer = nullptr;
  const auto code = rd_kafka_metadata(client, 0, topic, &answer, static_cast<int>(timeout.count()));
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) fail(code, what);
  return MetadataHandle{answer};
}

}  // namespace

bool is_outage(int code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE:
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__RESOLVE:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
    case RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION:
    case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION:
    case RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE:
      return true;
    default:
      return false;
  }
}

void BrokerQueries::contact(std::chrono::milliseconds timeout) const {
  metadata(client_, nullptr, timeout, "no broker answers");
}

std::int32_t BrokerQueries::partition_count(const std::string& topic, std::chrono::milliseconds timeout) const {
  const auto what = fmt::format("cannot look up topic \"{}\"", topic);
  const TopicHandle handle{rd_kafka_topic_new(client_, topic.c_str(), nullptr)};
  if (!handle) fail(rd_kafka_last_error(), what);
  const auto answer = metadata(client_, handle.get(), timeout, what);
  if (answer->topic_cnt == 0) return 0;
  const auto& found = answer->topics[0];
  if (found.err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) return 0;
  if (found.err != RD_KAFKA_RESP_ERR_NO_ERROR) fail(found.err, what);
  return found.partition_cnt;
}

std::vector<std::int64_t> BrokerQueries::beginnings(std::span<const TopicPartition> partitions,
                                                    std::chrono::milliseconds timeout) const {
  return list_offsets(partitions, beginning_timestamp, timeout);
}

std::vector<std::int64_t> BrokerQueries::ends(std::span<const TopicPartition> partitions,
                                              std::chrono::milliseconds timeout) const {
  return list_offsets(partitions, end_timestamp, timeout);
}

std::vector<std::int64_t> BrokerQueries::offsets_at(std::span<const TopicPartition> partitions,
                                                    std::chrono::system_clock::time_point at,
                                                    std::chrono::milliseconds timeout) const {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch()).count();
  // The ends first: a record that arrives between the two answers must not be skipped.
  const auto ends_before = ends(partitions, timeout);
  auto offsets = list_offsets(partitions, ms < 0 ? 0 : ms, timeout);
  for (std::size_t i = 0; i < offsets.size(); ++i)
    if (offsets[i] < 0) offsets[i] = ends_before[i];
  return offsets;
}

std::vector<std::int64_t> BrokerQueries::list_offsets(std::span<const TopicPartition> partitions,
                                                      std::int64_t timestamp, std::chrono::milliseconds timeout) const {
  if (partitions.empty()) return {};
  const auto list = partition_list(partitions);
  for (int i = 0; i < list->cnt; ++i) list->elems[i].offset = timestamp;
  const auto code = rd_kafka_offsets_for_times(client_, list.get(), static_cast<int>(timeout.count()));
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) fail(code, "cannot ask Kafka for the offsets to start at");
  std::vector<std::int64_t> offsets;
  for (const auto& partition : partitions) {
    const auto* found = rd_kafka_topic_partition_list_find(list.get(), partition.topic.c_str(), partition.partition);
    if (found->err != RD_KAFKA_RESP_ERR_NO_ERROR)
      fail(found->err,
           fmt::format("cannot ask Kafka for the offset to start at in {} [{}]", partition.topic, partition.partition));
    offsets.push_back(found->offset);
  }
  return offsets;
}

}  // namespace tidemark::kafka
