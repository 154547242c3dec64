#include "stores/zookeeper/paths.hpp"

namespace tidemark::detail {

void ZooKeeperPaths::add(const ZooKeeperLayout& layout, std::string_view group, const TopicPartition& partition) {
  const auto [at, is_new] = places_.try_emplace(partition.topic, topic_paths_.size());
  if (is_new) topic_paths_.push_back(layout.topic(group, partition.topic));
  topics_.push_back(at->second);
  all_.push_back(ZooKeeperLayout::partition(topic_paths_[at->second], partition.partition));
}

}  // namespace tidemark::detail
