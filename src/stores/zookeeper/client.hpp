#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tidemark/offset_catalog.hpp>
#include <tidemark/offset_range.hpp>
#include <tidemark/stores/zookeeper/options.hpp>

#include "stores/zookeeper/layout.hpp"
#include "stores/zookeeper/session.hpp"
#include "stores/zookeeper/target.hpp"
#include "stores/zookeeper/transition.hpp"
#include "stores/zookeeper/versions.hpp"

namespace tidemark::detail {

/// The store behind its face.
class ZooKeeperClient {
 public:
  /// Connects.
  explicit ZooKeeperClient(ZooKeeperOffsetStoreOptions options);

  std::vector<std::optional<std::int64_t>> load(std::string_view group, std::span<const TopicPartition> partitions);
  std::optional<Conflict> commit(std::string_view group, std::span<const OffsetRange> ranges);
  std::vector<std::string> groups();
  std::vector<StoredOffset> list(std::string_view group);
  void overwrite(std::string_view group, std::span<const StoredOffset> offsets);
  void erase(std::string_view group, std::span<const TopicPartition> partitions);

 private:
  void refuse_negative(std::string_view group, const TopicPartition& partition, std::int64_t offset) const;
  /// Brings partitions to targets that compare with nothing.
  void force(std::string_view group, const std::map<TopicPartition, ZooKeeperTarget>& wanted);

  ZooKeeperOffsetStoreOptions options_;
  ZooKeeperLayout layout_;
  ZooKeeperSession session_;
  ZooKeeperVersions versions_;
};

}  // namespace tidemark::detail
