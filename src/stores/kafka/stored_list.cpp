#include "stores/kafka/stored_list.hpp"

#include <cstring>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <tidemark/error.hpp>

#include "kafka/partition_list.hpp"

namespace tidemark::kafka {

namespace {

void require_plain_name(const TopicPartition& partition) {
  // As a C string it would name another topic, one that may exist.
  if (partition.topic.find('\0') != std::string::npos)
    throw StoreError{fmt::format("the topic name \"{}\" contains a null character, which Kafka's never do; correct it",
                                 partition.topic.c_str()),
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
  for (const auto& range : ranges) ends.push_back({range.partition, range.until});
  return ends;
}

PartitionListHandle offset_list(std::span<const StoredOffset> offsets, std::string_view metadata) {
  PartitionListHandle list{rd_kafka_topic_partition_list_new(static_cast<int>(offsets.size()))};
  for (const auto& [partition, next] : offsets) {
    require_plain_name(partition);
    // Negative offsets are librdkafka's own signs, which it skips without a word.
    if (next < 0)
      throw StoreError{
          fmt::format("{} [{}]: {} is no offset; offsets begin at 0", partition.topic, partition.partition, next),
          StoreError::Retry::no};
    auto* element = rd_kafka_topic_partition_list_add(list.get(), partition.topic.c_str(), partition.partition);
    element->offset = next;
    set_metadata(*element, metadata);
  }
  return list;
}

PartitionListHandle distinct_list(std::span<const TopicPartition> partitions) {
  const std::set<TopicPartition> distinct{partitions.begin(), partitions.end()};
  for (const auto& partition : distinct) require_plain_name(partition);
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
