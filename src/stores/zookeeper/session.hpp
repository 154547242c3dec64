#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tidemark/stores/zookeeper/options.hpp>

#include "stores/common/bounded_lookup.hpp"
#include "stores/common/deadline.hpp"
#include "stores/zookeeper/handle.hpp"
#include "stores/zookeeper/node.hpp"

namespace tidemark::detail {

/// What the store asks ZooKeeper, through the current session or, once that has ended, a new one.
///
/// Thread safety: shared objects safe; the requests of all threads go through one connection, without waiting for each other.
/// Errors:        StoreError; retryable where the deadline has passed.
class ZooKeeperSession {
 public:
  explicit ZooKeeperSession(const ZooKeeperOffsetStoreOptions& options) : options_{options} {}

  const ZooKeeperOffsetStoreOptions& options() const { return options_; }
  ZooKeeperDeadline deadline() const { return stores::Deadline{options_.call_timeout}.at(); }

  /// Waits until there is a connection.
  std::shared_ptr<ZooKeeperHandle> connected(ZooKeeperDeadline deadline);

  /// These can be repeated, and are, until no reply was lost. What they find is not older than anything that anyone was told before.
  std::vector<ZooKeeperNode> read(std::span<const std::string> paths, ZooKeeperDeadline deadline);
  /// Of each path; nothing for one that is not there.
  std::vector<std::vector<std::string>> children(std::span<const std::string> paths, ZooKeeperDeadline deadline);
  /// Makes `path`, and those above it that are missing. Those up to `common`, a path on the way, are for all, the rest is the user's own.
  void make(const std::string& path, const std::string& common, ZooKeeperDeadline deadline);

  /// All of it, or nothing; sent once. Returns the client's code.
  int multi(std::span<const ZooKeeperChange> changes, ZooKeeperDeadline deadline);

 private:
  std::vector<ZooKeeperReply> repeat(std::size_t count, const ZooKeeperHandle::Send& send, ZooKeeperDeadline deadline);
  /// Sends it for each path, a thousand at a time, after a sync.
  template <class Send>
  std::vector<ZooKeeperReply> for_each(std::span<const std::string> paths, Send send, ZooKeeperDeadline deadline);

  /// Those of the options' servers whose names could be looked up in time.
  std::string servers(ZooKeeperDeadline deadline);

  const ZooKeeperOffsetStoreOptions& options_;
  stores::BoundedLookup lookup_;
  std::mutex mutex_;
  std::shared_ptr<ZooKeeperHandle> handle_;
};

}  // namespace tidemark::detail
