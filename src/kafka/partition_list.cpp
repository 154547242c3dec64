#include "kafka/partition_list.hpp"

namespace tidemark::kafka {

PartitionListHandle partition_list(std::span<const TopicPartition> partitions) {
  PartitionListHandle list{rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size()))};
  for (const auto& partition : partitions)
    rd_kafka_topic_partition_list_add(list.get(), partition.topic.c_str(), partition.partition);
  return list;
}

std::vector<TopicPartition> partitions_of(const rd_kafka_topic_partition_list_t& list) {
  std::vector<TopicPartition> partitions;
  partitions.reserve(static_cast<std::size_t>(list.cnt));
  for (int i = 0; i < list.cnt; ++i) partitions.push_back({list.elems[i].topic, list.elems[i].partition});
  return partitions;
}

}  // namespace tidemark::kafka
