#include "stores/kafka/stored_list.hpp"

#include <cstring>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <tidemark/error.hpp>

#include "kafka/partition_list.hpp"
#include "stores/kafka/names.hpp"

namespace tidemark::kafka {

namespace {

void require_offset(const TopicPartition& partition, std::int64_t offset) {
  // Negative numbers have meanings of their own for librdkafka, which leaves them out of a commit without a word.
  if (offset < 0)
    throw StoreError{
        fmt::format("{} [{}]: {} is no offset; offsets begin at 0", partition.topic, partition.partition, offset),
        StoreError::Retry::no};
}

void set_metadata(rd_kafka_topic_partition_t& element, std::string_view metadata) {
  if (metadata.empty()) return;
  element.metadata = rd_kafka_mem_malloc(nullptr, metadata.size());  // freed with the list
  element.metadata_size = metadata.size();
  std::memcpy(element.metadata, metadata.data(), metadata.size());
}

}  // namespace

std::vector<StoredOffset> ends_of(std::span<const OffsetRange> ranges) {
  std::vector<StoredOffset> ends;
  ends.reserve(ranges.size());
  for (const auto& [partition, from, until] : ranges) {
    require_offset(partition, from);
    ends.push_back({partition, until});
  }
  return ends;
}

PartitionListHandle offset_list(std::span<const StoredOffset> offsets, std::string_view metadata) {
  PartitionListHandle list{rd_kafka_topic_partition_list_new(static_cast<int>(offsets.size()))};
  for (const auto& [partition, next] : offsets) {
    require_topic_name(partition.topic);
    require_offset(partition, next);
    auto* element = rd_kafka_topic_partition_list_add(list.get(), partition.topic.c_str(), partition.partition);
    element->offset = next;
    set_metadata(*element, metadata);
  }
  return list;
}

PartitionListHandle distinct_list(std::span<const TopicPartition> partitions) {
  const std::set<TopicPartition> distinct{partitions.begin(), partitions.end()};
  for (const auto& partition : distinct) require_topic_name(partition.topic);
  return partition_list(std::vector<TopicPartition>{distinct.begin(), distinct.end()});
}

StoredOffsets stored_offsets(const rd_kafka_topic_partition_list_t& answer) {
  StoredOffsets stored;
  for (int i = 0; i < answer.cnt; ++i) {
    const auto& element = answer.elems[i];
    if (element.offset == RD_KAFKA_OFFSET_INVALID) continue;
    if (element.offset < 0)
      throw StoreError{fmt::format("Kafka holds {} as the offset of {} [{}], which is none; reset the group's offsets",
                                   element.offset, element.topic, element.partition),
                       StoreError::Retry::no};
    stored.emplace(TopicPartition{element.topic, element.partition}, element.offset);
  }
  return stored;
}

}  // namespace tidemark::kafka
