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
#include <tidemark/stores/hbase/options.hpp>
#include <tidemark/stores/hbase/retention.hpp>
#include <tidemark/stores/hbase/spark_offsets.hpp>

namespace tidemark {

namespace detail {
class HBaseStore;
}

/// Offsets in HBase, through its Thrift2 gateway.
///
///     tidemark::HBaseOffsetStore store{{.host = "gateway", .create_table = true}};
///
/// Format: for each group and topic one row of the table, with the key
///
///     <group>:<topic>
///
/// where every byte but letters, digits, `.`, `_` and `-` is written as % and two hexadecimal digits. In the family, the column
/// `<partition>` holds the next offset; both are decimal text. The column `commit` holds a token that each change replaces. A value that is
/// no offset (0 to 2^63 - 1, without sign or leading zeros) is an error that names table, row, column and value. Names whose key would
/// be longer than HBase's 32,767 bytes are refused.
///
/// A commit is one checkAndMutate for each topic: it compares the token, and with it the whole row, so all partitions of a topic
/// move together or not at all. Members that commit other partitions of the topic meanwhile cost a second attempt, not a conflict.
///
/// Not given: "all or none" over several topics, since HBase changes one row at a time. All rows are looked at before the first one is
/// changed, so only a commit that breaks off, or races with another one, is done in part; what was not is committed by the next attempt.
/// overwrite() and erase() are all or none for each topic, too.
///
/// A tool that writes a cell while consumers run must remove the token afterwards, or the next commit overwrites it: see docs/hbase.md
/// and HBaseOffsetStoreOptions::look_before_commit. Consumers that share a topic are to use stores of this layout only.
///
/// HBase keeps a confirmed commit in its log on all replicas, in memory at least; on disk with HBaseOffsetStoreOptions::fsync.
///
/// Thread safety: shared objects safe; each round trip has a connection for itself. Don't carry one across fork().
/// Blocking:      for a round trip a topic, at most `checkout_timeout` + `connect_timeout` + `command_timeout` each; a lost reply costs two
///                more. Threads that commit one topic at once wait for each other, up to `checkout_timeout`. Ends earlier with
///                GroupSession's deadline or stop.
/// Errors:        StoreError, with HBase's own words; retryable where time, a reconnection or HBase's recovery may mend it. The
///                constructor connects, so it throws that too, and ConfigError for options that can't work.
class TIDEMARK_EXPORT HBaseOffsetStore final : public OffsetStore, public OffsetCatalog {
 public:
  explicit HBaseOffsetStore(const HBaseOffsetStoreOptions& options);
  ~HBaseOffsetStore() override;

  HBaseOffsetStore(const HBaseOffsetStore&) = delete;
  HBaseOffsetStore& operator=(const HBaseOffsetStore&) = delete;

  std::vector<std::optional<std::int64_t>> load(const GroupSession& session,
                                                std::span<const TopicPartition> partitions) override;
  std::optional<Conflict> commit(const GroupSession& session, std::span<const OffsetRange> ranges) override;

  std::vector<std::string> groups() override;
  std::vector<StoredOffset> list(std::string_view group) override;
  void overwrite(std::string_view group, std::span<const StoredOffset> offsets) override;
  void erase(std::string_view group, std::span<const TopicPartition> partitions) override;

  /// What the table's descriptor said when the store was opened. Log its text() where it does not keep offsets.
  const HBaseRetention& retention() const noexcept;

 private:
  std::unique_ptr<detail::HBaseStore> store_;
};

}  // namespace tidemark
