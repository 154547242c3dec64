#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string_view>
#include <vector>

#include <tidemark/offset_catalog.hpp>
#include <tidemark/offset_range.hpp>

#include "kafka/handles.hpp"

namespace tidemark::kafka {

/// The next offset of each partition that has one.
using StoredOffsets = std::map<TopicPartition, std::int64_t>;

/// Where the ranges end. Throws StoreError for an offset that can't be one.
std::vector<StoredOffset> ends_of(std::span<const OffsetRange> ranges);

/// librdkafka's form of these offsets, each with `metadata`. Throws StoreError for names and numbers that Kafka would take for others.
PartitionListHandle offset_list(std::span<const StoredOffset> offsets, std::string_view metadata);

/// librdkafka's form of these partitions, each of them once. Throws StoreError for names that can't be topics.
PartitionListHandle distinct_list(std::span<const TopicPartition> partitions);

/// What Kafka answered. Throws StoreError for an offset that can't be one.
StoredOffsets stored_offsets(const rd_kafka_topic_partition_list_t& answer);

}  // namespace tidemark::kafka
