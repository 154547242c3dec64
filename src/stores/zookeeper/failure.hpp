#pragma once

#include <string>
#include <string_view>

#include <tidemark/error.hpp>
#include <tidemark/stores/zookeeper/options.hpp>

namespace tidemark::detail {

/// What a code of ZooKeeper's client says about a request.
enum class ZooKeeperOutcome {
  done,
  mismatch,  ///< Refused, since a znode is not there, is there already, or has another version. Nothing was changed.
  unknown,   ///< The connection or the session was lost: it may have been carried out, or may be yet.
  refused    ///< Nothing was changed, for another reason.
};

ZooKeeperOutcome zookeeper_outcome(int code);

/// "ZooKeeper store "zk1:2181/kafka": <what>"
std::string zookeeper_message(const ZooKeeperOffsetStoreOptions& options, std::string_view what);

/// The error for a request that ended with `code`: "cannot <action>: …".
StoreError zookeeper_failure(const ZooKeeperOffsetStoreOptions& options, int code, std::string_view action);

/// The error for a call that was not over within call_timeout, or before its caller stopped waiting.
StoreError zookeeper_timeout(const ZooKeeperOffsetStoreOptions& options, std::string_view why);

}  // namespace tidemark::detail
