#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "stores/zookeeper/paths.hpp"
#include "stores/zookeeper/session.hpp"
#include "stores/zookeeper/target.hpp"
#include "stores/zookeeper/versions.hpp"

namespace tidemark::detail {

/// A partition that somebody else has moved, by its place among the targets, and what it holds.
struct ZooKeeperObstacle {
  std::size_t target;
  std::optional<std::int64_t> stored;
};

/// Brings the znodes of some partitions of a group to what they are to be, all of them or none.
///
/// Besides each partition's own, the version of each topic's znode is a guard: erase() raises it, since a znode that was deleted and
/// made anew begins with the versions that its predecessor had, too.
class ZooKeeperTransition {
 public:
  /// A target for each partition, no partition twice. The call's time runs from here.
  ZooKeeperTransition(ZooKeeperSession& session, ZooKeeperVersions& versions, const ZooKeeperPaths& paths,
                      std::span<const ZooKeeperTarget> targets);

  /// Once. The first partition that is in the way; nothing has changed then.
  std::optional<ZooKeeperObstacle> run();

 private:
  void recall();
  void read();
  void read_back();
  std::optional<ZooKeeperObstacle> plan();
  bool make_parents();
  void check_size() const;
  void remember();

  ZooKeeperSession& session_;
  ZooKeeperVersions& versions_;
  const ZooKeeperPaths& paths_;
  std::span<const ZooKeeperTarget> targets_;
  ZooKeeperDeadline deadline_;
  std::vector<ZooKeeperNode> nodes_;      // what is known of each path
  std::vector<ZooKeeperNode> before_;     // the same, when a multi was sent whose reply was lost
  std::vector<ZooKeeperChange> changes_;  // the multi
  bool moves_ = false;                    // and it does not only check
  bool is_fresh_ = false;                 // nodes_ were read in this call
};

}  // namespace tidemark::detail
