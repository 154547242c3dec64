#include "stores/kafka/live_group.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <tidemark/error.hpp>

#include "kafka/partition_list.hpp"
#include "stores/kafka/refusal.hpp"

namespace tidemark::kafka {

namespace {

std::unordered_set<TopicPartition> assignment_of(rd_kafka_t& consumer, std::string_view action) {
  rd_kafka_topic_partition_list_t* list = nullptr;
  if (const auto error = rd_kafka_assignment(&consumer, &list)) throw refused(action, error, Asker::consumer);
  const PartitionListHandle owner{list};
  const auto partitions = partitions_of(*list);
  return {partitions.begin(), partitions.end()};
}

/// The first of these offsets whose partition is not assigned to the consumer.
std::optional<TopicPartition> first_unassigned(rd_kafka_t& consumer, std::span<const StoredOffset> offsets,
                                               std::string_view action) {
  // rd_kafka_assignment() asks the group's thread and has no time limit: a consumer that is closing may never answer. To note an offset
  // for the next automatic commit needs no answer and is refused for partitions that are not assigned. Nothing else comes of it: the
  // consumer commits nothing by itself.
  const auto list = offset_list(offsets, {});
  const auto error = rd_kafka_offsets_store(&consumer, list.get());
  if (error != RD_KAFKA_RESP_ERR__INVALID_ARG) {
    for (int i = 0; i < list->cnt; ++i)
      if (const auto& element = list->elems[i]; element.err != RD_KAFKA_RESP_ERR_NO_ERROR)
        return TopicPartition{element.topic, element.partition};
    return std::nullopt;
  }
  // A foreign consumer with enable.auto.offset.store=true notes offsets by itself, and there it is refused altogether.
  const auto assigned = assignment_of(consumer, action);
  for (const auto& offset : offsets)
    if (!assigned.contains(offset.partition)) return offset.partition;
  return std::nullopt;
}

bool is_cooperative(const rd_kafka_t& consumer) {
  // rd_kafka_rebalance_protocol() has no time limit either.
  const auto has = [&](const char* property, std::string_view word) {
    std::array<char, 512> value{};
    auto size = value.size();
    return rd_kafka_conf_get(rd_kafka_conf(const_cast<rd_kafka_t*>(&consumer)), property, value.data(), &size) ==
               RD_KAFKA_CONF_OK &&
           std::string_view{value.data()}.find(word) != std::string_view::npos;
  };
  return has("partition.assignment.strategy", "cooperative") || has("group.protocol", "consumer");
}

std::string fatal_error_of(rd_kafka_t& consumer) {
  std::string text(512, '\0');
  if (rd_kafka_fatal_error(&consumer, text.data(), text.size()) == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  return text.c_str();
}

}  // namespace

StoredOffsets LiveGroup::load(std::span<const TopicPartition> partitions) const {
  refuse_unsafe_protocol();
  const auto action = fmt::format("load the offsets of group \"{}\" from Kafka", group_);
  const auto list = distinct_list(partitions);
  if (const auto error = rd_kafka_committed(&consumer_, list.get(), static_cast<int>(deadline_.left().count())))
    throw refused(action, error, Asker::consumer);
  require_accepted(action, *list, Asker::consumer);
  return stored_offsets(*list);
}

void LiveGroup::commit(std::span<const OffsetRange> ranges, std::string_view metadata) const {
  const auto action = fmt::format("commit the offsets of group \"{}\" to Kafka", group_);
  refuse_unsafe_protocol();
  const auto list = offset_list(ends_of(ranges), metadata);
  if (const auto earlier = order_.wait_for_earlier(consumer_, ranges, deadline_.at(), stop_))
    throw StoreError{
        fmt::format("cannot {}: librdkafka has not answered an earlier commit of {} [{}] up to offset {} yet, which "
                    "was given up {} ms ago. It may still repeat that commit, and would undo this one. It gives up "
                    "after a few times socket.timeout.ms: try again, and check that the group coordinator is reachable",
                    action, earlier->partition.topic, earlier->partition.partition, earlier->until,
                    earlier->age.count()),
        StoreError::Retry::yes};
  // A consumer beyond recovery has lost its partitions too, but for good.
  if (const auto fatal = fatal_error_of(consumer_); !fatal.empty())
    throw refused(action, RD_KAFKA_RESP_ERR__FATAL, Asker::consumer, fatal);
  refuse_unassigned(ranges, action);

  // rd_kafka_commit() would wait for ever while there is no coordinator.
  QueueHandle answers{rd_kafka_queue_new(&consumer_)};
  if (const auto error = rd_kafka_commit_queue(&consumer_, list.get(), answers.get(), nullptr, nullptr))
    throw refused(action, error, Asker::consumer);
  const auto answer = answer_from(*answers);
  if (!answer) {
    order_.leave(consumer_, ranges, std::move(answers));
    throw refused(action, RD_KAFKA_RESP_ERR__TIMED_OUT, Asker::consumer,
                  stop_.stop_requested() ? "the consumer stops, and waits no longer for the answer"
                                         : fmt::format("no answer within {} ms", timeout_.count()));
  }
  if (const auto* partitions = rd_kafka_event_topic_partition_list(answer.get()))
    require_accepted(action, *partitions, Asker::consumer);
  if (const auto error = rd_kafka_event_error(answer.get())) throw refused(action, error, Asker::consumer);
}

/// Null where none came in time, or the call is to end.
EventHandle LiveGroup::answer_from(rd_kafka_queue_t& answers) const {
  const std::stop_callback wake{stop_, [&] { rd_kafka_queue_yield(&answers); }};
  if (stop_.stop_requested()) return nullptr;
  return EventHandle{rd_kafka_queue_poll(&answers, static_cast<int>(deadline_.left().count()))};
}

void LiveGroup::refuse_unsafe_protocol() const {
  if (rd_kafka_version() >= 0x020a0000) return;
  if (is_cooperative(consumer_))
    throw StoreError{
        fmt::format(
            "group \"{}\" rebalances cooperatively, and librdkafka {} can lose its assignment when it commits to Kafka "
            "meanwhile (its issue 4059): set partition.assignment.strategy=range,roundrobin, or use librdkafka 2.10.0 "
            "or newer",
            group_, rd_kafka_version_str()),
        StoreError::Retry::no};
}

void LiveGroup::refuse_unassigned(std::span<const OffsetRange> ranges, std::string_view action) const {
  // librdkafka sends a commit under the generation that it is in by then. Once it has joined again, Kafka would take a commit
  // that was meant for an older one, of a partition that has another owner now.
  constexpr auto advice =
      "another member may own them already; what was not committed is handled again by whoever reads on";
  if (rd_kafka_assignment_lost(&consumer_))
    throw StoreError{fmt::format("cannot {}: the consumer lost its partitions; {}", action, advice),
                     StoreError::Retry::yes};
  // Start positions, empty ranges, are stored before the partition is assigned.
  std::vector<StoredOffset> with_records;
  for (const auto& range : ranges)
    if (range.until > range.from) with_records.push_back({range.partition, range.until});
  if (with_records.empty()) return;
  if (const auto partition = first_unassigned(consumer_, with_records, action))
    throw StoreError{fmt::format("cannot {}: {} [{}] is not assigned to the consumer any more; {}", action,
                                 partition->topic, partition->partition, advice),
                     StoreError::Retry::yes};
}

}  // namespace tidemark::kafka
