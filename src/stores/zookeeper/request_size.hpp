#pragma once

#include <cstddef>
#include <span>

#include <tidemark/stores/zookeeper/options.hpp>

#include "stores/zookeeper/node.hpp"

namespace tidemark::detail {

/// How many bytes a multi is on the wire, without the length before it: what the servers compare with jute.maxbuffer.
std::size_t zookeeper_request_size(std::span<const ZooKeeperChange> changes,
                                   const ZooKeeperOffsetStoreOptions& options);

}  // namespace tidemark::detail
