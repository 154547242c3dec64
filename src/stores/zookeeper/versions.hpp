#pragma once

#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "stores/zookeeper/node.hpp"

namespace tidemark::detail {

/// What znodes held when they were last read or written. It may be out of date, which the guards of a multi bring to light.
///
/// Thread safety: shared objects safe.
class ZooKeeperVersions {
 public:
  /// All of them, or nullopt where one is not known.
  std::optional<std::vector<ZooKeeperNode>> recall(std::span<const std::string> paths) const;
  void remember(std::span<const std::string> paths, std::span<const ZooKeeperNode> nodes);

 private:
  mutable std::mutex mutex_;
  std::unordered_map<std::string, ZooKeeperNode> nodes_;
};

}  // namespace tidemark::detail
