#pragma once

#include <tidemark/stores/zookeeper/options.hpp>

namespace tidemark::detail {

/// The options as ZooKeeper's client takes them: each server with its port, a chroot without a slash at its end.
///
/// Errors: ConfigError.
ZooKeeperOffsetStoreOptions checked(ZooKeeperOffsetStoreOptions options);

}  // namespace tidemark::detail
