#pragma once

#include <cstdint>
#include <optional>

#include "stores/zookeeper/node.hpp"

namespace tidemark::detail {

/// What a partition's znode is to become.
struct ZooKeeperTarget {
  std::optional<std::int64_t> from{};   ///< What must be stored, if anything is; nullopt: whatever is stored.
  std::optional<std::int64_t> until{};  ///< What is to be stored; nullopt: nothing.
};

enum class ZooKeeperStep {
  keep,  ///< It is so already.
  write,
  remove,
  conflict  ///< Somebody else has moved it.
};

/// The way from `now` to the target. `before` is there when a multi that was guarded by it may or may not have been applied: then it is
/// tried again only where nothing at all was written since. The same value under another version is somebody else's, who came after ours.
ZooKeeperStep next_step(const ZooKeeperTarget& target, const ZooKeeperNode& now, const ZooKeeperNode* before);

}  // namespace tidemark::detail
