#include "stores/zookeeper/versions.hpp"

namespace tidemark::detail {

std::optional<std::vector<ZooKeeperNode>> ZooKeeperVersions::recall(std::span<const std::string> paths) const {
  std::vector<ZooKeeperNode> found;
  found.reserve(paths.size());
  const std::lock_guard lock{mutex_};
  for (const auto& path : paths) {
    const auto at = nodes_.find(path);
    if (at == nodes_.end()) return std::nullopt;
    found.push_back(at->second);
  }
  return found;
}

void ZooKeeperVersions::remember(std::span<const std::string> paths, std::span<const ZooKeeperNode> nodes) {
  const std::lock_guard lock{mutex_};
  for (std::size_t i = 0; i < paths.size(); ++i) nodes_[paths[i]] = nodes[i];
}

}  // namespace tidemark::detail
