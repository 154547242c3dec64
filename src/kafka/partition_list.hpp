#pragma once

#include <span>
#include <vector>

#include <tidemark/topic_partition.hpp>

#include "kafka/handles.hpp"

namespace tidemark::kafka {

/// librdkafka's form of a list of partitions, without offsets.
PartitionListHandle partition_list(std::span<const TopicPartition> partitions);

std::vector<TopicPartition> partitions_of(const rd_kafka_topic_partition_list_t& list);

}  // namespace tidemark::kafka
