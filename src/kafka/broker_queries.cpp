#include "kafka/broker_queries.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <tidemark/detail/deadline.hpp>
#include <tidemark/error.hpp>

#include "kafka/partition_error.hpp"
#include "kafka/partition_list.hpp"

namespace tidemark::kafka {
namespace {

using TopicHandle = std::unique_ptr<rd_kafka_topic_t, FreeWith<rd_kafka_topic_destroy>>;
using MetadataHandle = std::unique_ptr<const struct rd_kafka_metadata, FreeWith<rd_kafka_metadata_destroy>>;

// In Kafka's ListOffsets request these two stand in the place of a timestamp; librdkafka passes them on as they are.
constexpr std::int64_t beginning_timestamp = RD_KAFKA_OFFSET_BEGINNING;
constexpr std::int64_t end_timestamp = RD_KAFKA_OFFSET_END;

// So many addresses are named in one text.
constexpr int most_named = 5;

[[noreturn]] void fail(rd_kafka_resp_err_t code, const std::string& what) {
  throw KafkaError{code, is_forbidden(code) ? fmt::format("{}: {}; {}", what, rd_kafka_err2str(code), forbidden_remedy)
                                            : fmt::format("{}: {}", what, rd_kafka_err2str(code))};
}

MetadataHandle metadata(rd_kafka_t* client, rd_kafka_topic_t* topic, std::chrono::milliseconds timeout,
                        const std::string& what) {
  const struct rd_kafka_metadata* answer = nullptr;
  const auto code = rd_kafka_metadata(client, 0, topic, &answer, detail::int_ms(timeout));
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

std::string text_of(int code) { return rd_kafka_err2str(static_cast<rd_kafka_resp_err_t>(code)); }

bool may_heal(int code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR__SSL:
    case RD_KAFKA_RESP_ERR__FATAL:
    case RD_KAFKA_RESP_ERR__INVALID_ARG:
    case RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE:
    case RD_KAFKA_RESP_ERR_INVALID_REQUEST:
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_FOR_MESSAGE_FORMAT:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
      return false;
    default:
      return true;
  }
}

void BrokerQueries::contact(std::chrono::milliseconds timeout) const {
  metadata(client_, nullptr, timeout, "no broker answers");
}

std::string BrokerQueries::advertised(std::chrono::milliseconds timeout) const {
  const auto answer = metadata(client_, nullptr, timeout, "no broker answers");
  std::string addresses;
  for (int i = 0; i < std::min(answer->broker_cnt, most_named); ++i) {
    const auto& broker = answer->brokers[i];
    addresses += fmt::format("{}{}:{}/{}", addresses.empty() ? "" : ", ", broker.host, broker.port, broker.id);
  }
  if (answer->broker_cnt > most_named) addresses += fmt::format(" and {} more", answer->broker_cnt - most_named);
  return addresses;
}

/// The question is for a committed offset, since that goes to the coordinator and every member of the group may ask it.
void BrokerQueries::reach_coordinator(const std::string& topic, std::chrono::milliseconds timeout) const {
  const TopicPartition any{topic, 0};
  const auto list = partition_list({&any, 1});
  const auto code = rd_kafka_committed(client_, list.get(), detail::int_ms(timeout));
  if (code == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED) fail(code, "the group can't be joined");
  if (is_outage(code) || code == RD_KAFKA_RESP_ERR__WAIT_COORD || code == RD_KAFKA_RESP_ERR_NOT_COORDINATOR ||
      code == RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE)
    fail(code, "the group's coordinator does not answer");
}

void BrokerQueries::reach_leader(Partitions partitions, std::chrono::milliseconds timeout) const {
  const auto answers = beginnings(partitions, timeout);
  const auto is_answer = [](const OffsetAnswer& answer) { return !is_outage(answer.code); };
  if (std::ranges::none_of(answers, is_answer))
    fail(static_cast<rd_kafka_resp_err_t>(answers.front().code), "no leader answers");
}

std::string BrokerQueries::strategy_of(const std::string& group, std::chrono::milliseconds timeout) const {
  const struct rd_kafka_group_list* groups = nullptr;
  if (rd_kafka_list_groups(client_, group.c_str(), &groups, detail::int_ms(timeout)) != RD_KAFKA_RESP_ERR_NO_ERROR)
    return {};
  std::string strategy;
  for (int i = 0; i < groups->group_cnt; ++i)
    if (const auto& one = groups->groups[i]; group == one.group && one.protocol != nullptr) strategy = one.protocol;
  rd_kafka_group_list_destroy(groups);
  return strategy;
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

std::vector<OffsetAnswer> BrokerQueries::beginnings(Partitions partitions, std::chrono::milliseconds timeout) const {
  return list_offsets(partitions, beginning_timestamp, timeout);
}

std::vector<OffsetAnswer> BrokerQueries::ends(Partitions partitions, std::chrono::milliseconds timeout) const {
  return list_offsets(partitions, end_timestamp, timeout);
}

std::vector<OffsetAnswer> BrokerQueries::offsets_at(Partitions partitions, std::chrono::system_clock::time_point at,
                                                    std::chrono::milliseconds timeout) const {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch()).count();
  // The ends first: a record that arrives between the two answers must not be skipped.
  const auto ends_before = ends(partitions, timeout);
  auto offsets = list_offsets(partitions, ms < 0 ? 0 : ms, timeout);
  for (std::size_t i = 0; i < offsets.size(); ++i)
    if (offsets[i].code == RD_KAFKA_RESP_ERR_NO_ERROR && offsets[i].offset < 0) offsets[i] = ends_before[i];
  return offsets;
}

namespace {

/// Asks for all partitions together. One that has no leader does not keep librdkafka from answering for the others; a leader that does
/// not answer, or an outage, leaves all of them open.
std::vector<OffsetAnswer> ask_together(rd_kafka_t* client, std::span<const TopicPartition> partitions,
                                       std::int64_t timestamp, std::chrono::milliseconds timeout) {
  const auto list = partition_list(partitions);
  for (int i = 0; i < list->cnt; ++i) list->elems[i].offset = timestamp;
  auto code = rd_kafka_offsets_for_times(client, list.get(), detail::int_ms(timeout));
  // librdkafka's word where none of the partitions has a leader that it could ask.
  if (code == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION) code = RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE;
  std::vector<OffsetAnswer> answers;
  for (const auto& partition : partitions) {
    const auto* found = rd_kafka_topic_partition_list_find(list.get(), partition.topic.c_str(), partition.partition);
    const auto of_partition = code != RD_KAFKA_RESP_ERR_NO_ERROR ? code : found->err;
    if (!may_heal(of_partition))
      fail(of_partition, fmt::format("cannot ask Kafka for offsets of {} [{}]", partition.topic, partition.partition));
    answers.push_back({found->offset, of_partition});
  }
  return answers;
}

}  // namespace

std::vector<OffsetAnswer> BrokerQueries::list_offsets(Partitions partitions, std::int64_t timestamp,
                                                      std::chrono::milliseconds timeout) const {
  if (partitions.empty()) return {};
  auto answers = ask_together(client_, partitions, timestamp, timeout);
  const auto has_answer = [](const OffsetAnswer& answer) { return answer.code == RD_KAFKA_RESP_ERR_NO_ERROR; };
  if (partitions.size() == 1 || std::ranges::any_of(answers, has_answer)) return answers;
  return ask_each_leader(partitions, timestamp, timeout);
}

/// A broker that does not answer concerns the partitions that it leads.
std::vector<OffsetAnswer> BrokerQueries::ask_each_leader(Partitions partitions, std::int64_t timestamp,
                                                         std::chrono::milliseconds timeout) const {
  const auto leaders = leaders_of(partitions, timeout);
  std::map<std::int32_t, std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < leaders.size(); ++i) groups[leaders[i]].push_back(i);
  std::vector<OffsetAnswer> answers(partitions.size(), {0, RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE});
  for (const auto& [leader, indices] : groups) {
    if (leader < 0) continue;
    std::vector<TopicPartition> of_leader;
    for (const auto i : indices) of_leader.push_back(partitions[i]);
    const auto group = ask_together(client_, of_leader, timestamp, timeout);
    for (std::size_t i = 0; i < group.size(); ++i) answers[indices[i]] = group[i];
  }
  return answers;
}

/// -1 where a partition has none, or where it cannot be told.
std::vector<std::int32_t> BrokerQueries::leaders_of(Partitions partitions, std::chrono::milliseconds timeout) const {
  std::map<TopicPartition, std::int32_t> leaders;
  std::string_view asked;
  for (const auto& partition : partitions) {
    if (std::exchange(asked, partition.topic) == partition.topic) continue;
    const TopicHandle handle{rd_kafka_topic_new(client_, partition.topic.c_str(), nullptr)};
    const struct rd_kafka_metadata* answer = nullptr;
    if (!handle || rd_kafka_metadata(client_, 0, handle.get(), &answer, detail::int_ms(timeout)) != 0) continue;
    const MetadataHandle owned{answer};
    for (int topic = 0; topic < answer->topic_cnt; ++topic)
      for (int i = 0; i < answer->topics[topic].partition_cnt; ++i)
        leaders[{partition.topic, answer->topics[topic].partitions[i].id}] = answer->topics[topic].partitions[i].leader;
  }
  std::vector<std::int32_t> of_each;
  for (const auto& partition : partitions) {
    const auto found = leaders.find(partition);
    of_each.push_back(found == leaders.end() ? -1 : found->second);
  }
  return of_each;
}

}  // namespace tidemark::kafka
