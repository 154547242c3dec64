#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <tidemark/export.hpp>
#include <tidemark/offset_catalog.hpp>
#include <tidemark/offset_store.hpp>
#include <tidemark/stores/zookeeper/options.hpp>

namespace tidemark {

namespace detail {
class ZooKeeperClient;
}

/// Offsets in ZooKeeper, where Kafka's old consumer and Spark Streaming jobs kept them.
///
///     tidemark::ZooKeeperOffsetStore store{"zk1:2181,zk2:2181,zk3:2181"};
///
/// Format: for each partition a znode
///
///     /consumers/<group>/offsets/<topic>/<partition>
///
/// that holds the next offset as decimal text (0 to 2^63 - 1, without sign, leading zeros or newline). What is no offset is an error
/// that names the path. Group and topic stand there as they are; names that no znode can have (empty, `.`, `..`, with a slash, a control
/// character, or beyond Unicode's basic plane) are refused. Parents are made when they are needed.
///
/// A commit is one `multi`: all partitions move, or none. Each is guarded by its znode's version, which is remembered from the last load or
/// commit and read again where it no longer fits. One that lost its reply is resolved by reading back: the version tells whether it was
/// applied, and somebody else's write is never taken for our own.
///
/// Delete znodes by hand only while no consumer of the group runs: their versions begin at 0 again. erase() does not have that limit.
///
/// Thread safety: shared objects safe; all threads share one session. Don't carry one across fork().
/// Blocking:      for a round trip, at most `call_timeout`, less with GroupSession's deadline or stop. The destructor
///                may wait 1.5 s for a server that does not answer.
/// Errors:        StoreError, with ZooKeeper's own words; retryable where time or a reconnection may mend it. The constructor
///                connects, so it throws that too, and ConfigError for options that can't work. No credential is in any text.
class TIDEMARK_EXPORT ZooKeeperOffsetStore final : public OffsetStore, public OffsetCatalog {
 public:
  explicit ZooKeeperOffsetStore(ZooKeeperOffsetStoreOptions options);
  /// See zookeeper_options().
  explicit ZooKeeperOffsetStore(std::string_view connect_string);
  ~ZooKeeperOffsetStore() override;

  ZooKeeperOffsetStore(const ZooKeeperOffsetStore&) = delete;
  ZooKeeperOffsetStore& operator=(const ZooKeeperOffsetStore&) = delete;

  /// Asks the leader first (`sync`), so that what another member has just committed is seen through every server.
  std::vector<std::optional<std::int64_t>> load(const GroupSession& session,
                                                std::span<const TopicPartition> partitions) override;
  std::optional<Conflict> commit(const GroupSession& session, std::span<const OffsetRange> ranges) override;

  std::vector<std::string> groups() override;
  std::vector<StoredOffset> list(std::string_view group) override;
  /// Also replaces what is no offset.
  void overwrite(std::string_view group, std::span<const StoredOffset> offsets) override;
  /// Deletes the partitions' znodes; those above them stay.
  void erase(std::string_view group, std::span<const TopicPartition> partitions) override;

 private:
  std::unique_ptr<detail::ZooKeeperClient> client_;
};

}  // namespace tidemark
