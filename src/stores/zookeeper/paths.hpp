#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <tidemark/topic_partition.hpp>

#include "stores/zookeeper/layout.hpp"

namespace tidemark::detail {

/// The znodes of some partitions of a group, and of their topics.
class ZooKeeperPaths {
 public:
  /// `partition_of` says which partition an item is about. Errors: StoreError for names that no znode can have.
  template <class Item, class PartitionOf>
  ZooKeeperPaths(const ZooKeeperLayout& layout, std::string_view group, std::span<const Item> items,
                 PartitionOf partition_of)
      : root_{layout.root()}, group_{layout.group(group)}, partitions_{items.size()} {
    all_.reserve(items.size() + 1);
    topics_.reserve(items.size());
    for (const auto& item : items) add(layout, group, std::invoke(partition_of, item));
    for (auto& path : topic_paths_) all_.push_back(std::move(path));
  }

  /// What all groups have in common.
  const std::string& root() const { return root_; }
  /// The parent of the topics.
  const std::string& group() const { return group_; }
  /// Those of the partitions, in their order, then those of the topics.
  const std::vector<std::string>& all() const { return all_; }
  std::size_t partitions() const { return partitions_; }
  /// Where in all() the topic of a partition is.
  std::size_t topic_of(std::size_t partition) const { return partitions_ + topics_[partition]; }

 private:
  void add(const ZooKeeperLayout& layout, std::string_view group, const TopicPartition& partition);

  std::string root_;
  std::string group_;
  std::size_t partitions_;
  std::vector<std::string> all_;
  std::vector<std::size_t> topics_;  // of each partition, by its place among the topics
  std::vector<std::string> topic_paths_;
  std::unordered_map<std::string_view, std::size_t> places_;  // of the topics' names, while items are added
};

}  // namespace tidemark::detail
