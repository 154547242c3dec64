#pragma once

#include <array>

#include <zookeeper/zookeeper.h>

#include <tidemark/stores/zookeeper/options.hpp>

namespace tidemark::detail {

/// Who may do what with a znode, in the client's form.
class ZooKeeperAcl {
 public:
  explicit ZooKeeperAcl(const ZooKeeperOffsetStoreOptions& options)
      : entries_{options.user.empty() ? ACL{ZOO_PERM_ALL, ZOO_ANYONE_ID_UNSAFE} : ACL{ZOO_PERM_ALL, ZOO_AUTH_IDS},
                 ACL{ZOO_PERM_READ, ZOO_ANYONE_ID_UNSAFE}},
        count_{options.world_may_read ? 2 : 1} {}

  /// Good while this lives and stays where it is.
  ACL_vector vector() { return {count_, entries_.data()}; }

 private:
  std::array<ACL, 2> entries_;
  std::int32_t count_;
};

}  // namespace tidemark::detail
