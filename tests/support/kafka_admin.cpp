#include "support/kafka_admin.hpp"

#include <array>
#include <stdexcept>
#include <utility>

#include "support/eventually.hpp"
#include "support/kafka_client.hpp"

namespace tidemark::test {
namespace {

using kafka::FreeWith;
using OptionsHandle = std::unique_ptr<rd_kafka_AdminOptions_t, FreeWith<rd_kafka_AdminOptions_destroy>>;
using MetadataHandle = std::unique_ptr<const rd_kafka_metadata_t, FreeWith<rd_kafka_metadata_destroy>>;
using TopicHandle = std::unique_ptr<rd_kafka_topic_t, FreeWith<rd_kafka_topic_destroy>>;

constexpr int timeout_ms = 30'000;

/// Calls `request(options, queue)` and returns the event that answers it.
template <class Request>
kafka::EventHandle ask(rd_kafka_t* client, const std::string& what, Request request) {
  std::array<char, 256> error{};
  const kafka::QueueHandle queue{rd_kafka_queue_new(client)};
  const OptionsHandle options{rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_ANY)};
  check(rd_kafka_AdminOptions_set_request_timeout(options.get(), timeout_ms, error.data(), error.size()), what);
  request(options.get(), queue.get());
  kafka::EventHandle event{rd_kafka_queue_poll(queue.get(), 2 * timeout_ms)};
  if (!event) throw std::runtime_error{what + ": no answer"};
  check(rd_kafka_event_error(event.get()), what);
  return event;
}

void check_topics(const rd_kafka_topic_result_t* const* results, std::size_t count, const std::string& what) {
  for (std::size_t i = 0; i < count; ++i) check(rd_kafka_topic_result_error(results[i]), what);
}

kafka::PartitionListHandle one_partition(const std::string& topic, std::int32_t partition, std::int64_t offset) {
  kafka::PartitionListHandle list{rd_kafka_topic_partition_list_new(1)};
  rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset = offset;
  return list;
}

MetadataHandle metadata_of(rd_kafka_t* client, const std::string& topic) {
  const TopicHandle handle{rd_kafka_topic_new(client, topic.c_str(), nullptr)};
  const rd_kafka_metadata_t* raw = nullptr;
  check(rd_kafka_metadata(client, 0, handle.get(), &raw, timeout_ms), "metadata of " + topic);
  return MetadataHandle{raw};
}

/// How many of the topic's partitions have a leader; -1 where there is no such topic.
int led_partitions(rd_kafka_t* client, const std::string& topic) {
  const auto metadata = metadata_of(client, topic);
  if (metadata->topic_cnt != 1 || metadata->topics[0].err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) return -1;
  int led = 0;
  for (int i = 0; i < metadata->topics[0].partition_cnt; ++i) led += metadata->topics[0].partitions[i].leader >= 0;
  return led;
}

std::pair<std::int64_t, std::int64_t> watermarks(rd_kafka_t* client, const std::string& topic, std::int32_t partition) {
  std::pair<std::int64_t, std::int64_t> result;
  rd_kafka_resp_err_t error{};
  // A partition that was only just made may have no leader yet.
  [[maybe_unused]] const bool led = eventually([&] {
    error =
        rd_kafka_query_watermark_offsets(client, topic.c_str(), partition, &result.first, &result.second, timeout_ms);
    return error != RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION && error != RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE;
  });
  check(error, "watermarks of " + topic);
  return result;
}

}  // namespace

void KafkaAdmin::Destroy::operator()(rd_kafka_s* client) const noexcept { rd_kafka_destroy(client); }

KafkaAdmin::KafkaAdmin(const std::string& brokers)
    :  // librdkafka crashes where a client without a group asks for offsets and hears that the coordinator has moved.
      client_{make_client(RD_KAFKA_CONSUMER, {{"bootstrap.servers", brokers}, {"group.id", "kafka-admin"}}).release()} {
}

KafkaAdmin::~KafkaAdmin() = default;

bool KafkaAdmin::is_cluster_ready(std::chrono::milliseconds timeout) {
  const rd_kafka_metadata_t* raw = nullptr;
  const auto answer = rd_kafka_metadata(client_.get(), 0, nullptr, &raw, static_cast<int>(timeout.count()));
  const MetadataHandle metadata{raw};
  return answer == RD_KAFKA_RESP_ERR_NO_ERROR && metadata->broker_cnt > 0;
}

void KafkaAdmin::create_topic(const std::string& topic, int partitions,
                              const std::map<std::string, std::string>& config) {
  std::array<char, 256> error{};
  const std::unique_ptr<rd_kafka_NewTopic_t, FreeWith<rd_kafka_NewTopic_destroy>> wanted{
      rd_kafka_NewTopic_new(topic.c_str(), partitions, 1, error.data(), error.size())};
  if (!wanted) throw std::invalid_argument{"create topic " + topic + ": " + error.data()};
  for (const auto& [name, value] : config) {
    check(rd_kafka_NewTopic_set_config(wanted.get(), name.c_str(), value.c_str()), name);
  }
  const auto what = "create topic " + topic;
  const auto event = ask(client_.get(), what, [&](auto* options, auto* queue) {
    auto* one = wanted.get();
    rd_kafka_CreateTopics(client_.get(), &one, 1, options, queue);
  });
  std::size_t count = 0;
  const auto* results = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
  check_topics(results, count, what);
  wait_for_partitions(topic, partitions);
}

void KafkaAdmin::delete_topic(const std::string& topic) {
  const std::unique_ptr<rd_kafka_DeleteTopic_t, FreeWith<rd_kafka_DeleteTopic_destroy>> wanted{
      rd_kafka_DeleteTopic_new(topic.c_str())};
  const auto what = "delete topic " + topic;
  const auto event = ask(client_.get(), what, [&](auto* options, auto* queue) {
    auto* one = wanted.get();
    rd_kafka_DeleteTopics(client_.get(), &one, 1, options, queue);
  });
  std::size_t count = 0;
  const auto* results = rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event.get()), &count);
  check_topics(results, count, what);
  wait_for_partitions(topic, -1);
}

void KafkaAdmin::grow_topic(const std::string& topic, int partitions) {
  std::array<char, 256> error{};
  const std::unique_ptr<rd_kafka_NewPartitions_t, FreeWith<rd_kafka_NewPartitions_destroy>> wanted{
      rd_kafka_NewPartitions_new(topic.c_str(), static_cast<std::size_t>(partitions), error.data(), error.size())};
  if (!wanted) throw std::invalid_argument{"grow topic " + topic + ": " + error.data()};
  const auto what = "grow topic " + topic;
  const auto event = ask(client_.get(), what, [&](auto* options, auto* queue) {
    auto* one = wanted.get();
    rd_kafka_CreatePartitions(client_.get(), &one, 1, options, queue);
  });
  std::size_t count = 0;
  const auto* results =
      rd_kafka_CreatePartitions_result_topics(rd_kafka_event_CreatePartitions_result(event.get()), &count);
  check_topics(results, count, what);
  wait_for_partitions(topic, partitions);
}

void KafkaAdmin::delete_records(const std::string& topic, std::int32_t partition, std::int64_t before) {
  const auto offsets = one_partition(topic, partition, before);
  const std::unique_ptr<rd_kafka_DeleteRecords_t, FreeWith<rd_kafka_DeleteRecords_destroy>> wanted{
      rd_kafka_DeleteRecords_new(offsets.get())};
  const auto what = "delete records of " + topic;
  const auto event = ask(client_.get(), what, [&](auto* options, auto* queue) {
    auto* one = wanted.get();
    rd_kafka_DeleteRecords(client_.get(), &one, 1, options, queue);
  });
  const auto* result = rd_kafka_DeleteRecords_result_offsets(rd_kafka_event_DeleteRecords_result(event.get()));
  for (int i = 0; i < result->cnt; ++i) check(result->elems[i].err, what);
}

int KafkaAdmin::leader(const std::string& topic, std::int32_t partition) {
  const auto metadata = metadata_of(client_.get(), topic);
  for (int i = 0; metadata->topic_cnt == 1 && i < metadata->topics[0].partition_cnt; ++i)
    if (const auto& one = metadata->topics[0].partitions[i]; one.id == partition) return one.leader;
  return -1;
}

std::int64_t KafkaAdmin::begin_offset(const std::string& topic, std::int32_t partition) {
  return watermarks(client_.get(), topic, partition).first;
}

std::int64_t KafkaAdmin::end_offset(const std::string& topic, std::int32_t partition) {
  return watermarks(client_.get(), topic, partition).second;
}

std::optional<std::int64_t> KafkaAdmin::committed_offset(const std::string& group, const std::string& topic,
                                                         std::int32_t partition) {
  const auto partitions = one_partition(topic, partition, RD_KAFKA_OFFSET_INVALID);
  const std::unique_ptr<rd_kafka_ListConsumerGroupOffsets_t, FreeWith<rd_kafka_ListConsumerGroupOffsets_destroy>>
      wanted{rd_kafka_ListConsumerGroupOffsets_new(group.c_str(), partitions.get())};
  const auto what = "offsets of group " + group;
  const auto event = ask(client_.get(), what, [&](auto* options, auto* queue) {
    auto* one = wanted.get();
    rd_kafka_ListConsumerGroupOffsets(client_.get(), &one, 1, options, queue);
  });
  std::size_t count = 0;
  const auto* groups = rd_kafka_ListConsumerGroupOffsets_result_groups(
      rd_kafka_event_ListConsumerGroupOffsets_result(event.get()), &count);
  if (count != 1) throw std::runtime_error{what + ": no answer for the group"};
  check(rd_kafka_error_code(rd_kafka_group_result_error(groups[0])), what);
  const auto* stored = rd_kafka_group_result_partitions(groups[0]);
  if (stored->cnt != 1 || stored->elems[0].offset < 0) return std::nullopt;
  check(stored->elems[0].err, what);
  return stored->elems[0].offset;
}

void KafkaAdmin::wait_for_partitions(const std::string& topic, int partitions) {
  if (!eventually([&] { return led_partitions(client_.get(), topic) == partitions; })) {
    throw std::runtime_error{"topic " + topic + " did not reach " + std::to_string(partitions) + " partitions"};
  }
}

}  // namespace tidemark::test
