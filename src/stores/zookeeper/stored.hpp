#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <tidemark/stores/zookeeper/options.hpp>

#include "stores/zookeeper/node.hpp"

namespace tidemark::detail {

/// The offset in a partition's znode; nullopt where there is none.
///
/// Errors: StoreError, not retryable, that names the path, where it holds something else.
std::optional<std::int64_t> zookeeper_stored(const ZooKeeperOffsetStoreOptions& options, std::string_view path,
                                             const ZooKeeperNode& node);

}  // namespace tidemark::detail
