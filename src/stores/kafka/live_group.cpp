#include "stores/kafka/live_group.hpp"

#include <algorithm>
#include <string>
#include <unordered_set>
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
  if (const auto error = rd_kafka_committed(&consumer_, list.get(), static_cast<int>(timeout_.count())))
    throw refused(action, error, Asker::consumer);
  require_accepted(action, *list, Asker::consumer);
  return stored_offsets(*list);
}

void LiveGroup::commit(std::span<const OffsetRange> ranges, std::string_view metadata) const {
  const auto action = fmt::format("commit the offsets of group \"{}\" to Kafka", group_);
  refuse_unsafe_protocol();
  // A consumer beyond recovery has lost its partitions too, but for good.
  if (const auto fatal = fatal_error_of(consumer_); !fatal.empty())
    throw refused(action, RD_KAFKA_RESP_ERR__FATAL, Asker::consumer, fatal);
  refuse_unassigned(ranges, action);
  const auto list = offset_list(ends_of(ranges), metadata);

  // rd_kafka_commit() would wait for ever while there is no coordinator. A queue of our own can be left behind instead: librdkafka
  // drops what is answered to it later.
  const QueueHandle answers{rd_kafka_queue_new(&consumer_)};
  if (const auto error = rd_kafka_commit_queue(&consumer_, list.get(), answers.get(), nullptr, nullptr))
    throw refused(action, error, Asker::consumer);
  const EventHandle answer{rd_kafka_queue_poll(answers.get(), static_cast<int>(timeout_.count()))};
  if (!answer)
    throw refused(action, RD_KAFKA_RESP_ERR__TIMED_OUT, Asker::consumer,
                  fmt::format("no answer within {} ms", timeout_.count()));
  if (const auto* partitions = rd_kafka_event_topic_partition_list(answer.get()))
    require_accepted(action, *partitions, Asker::consumer);
  if (const auto error = rd_kafka_event_error(answer.get())) throw refused(action, error, Asker::consumer);
}

void LiveGroup::refuse_unsafe_protocol() const {
  if (rd_kafka_version() >= 0x020a0000) return;
  const auto* protocol = rd_kafka_rebalance_protocol(&consumer_);
  if (protocol && std::string_view{protocol} == "COOPERATIVE")
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
  const auto carries_records = [](const OffsetRange& range) { return range.until > range.from; };
  if (std::ranges::none_of(ranges, carries_records)) return;
  const auto assigned = assignment_of(consumer_, action);
  for (const auto& range : ranges)
    if (carries_records(range) && !assigned.contains(range.partition))
      throw StoreError{fmt::format("cannot {}: {} [{}] is not assigned to the consumer any more; {}", action,
                                   range.partition.topic, range.partition.partition, advice),
                       StoreError::Retry::yes};
}

}  // namespace tidemark::kafka
