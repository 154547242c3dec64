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
#include <tidemark/stores/redis/argument.hpp>
#include <tidemark/stores/redis/durability.hpp>
#include <tidemark/stores/redis/options.hpp>
#include <tidemark/stores/redis/reply.hpp>
#include <tidemark/stores/redis/transaction.hpp>

namespace tidemark {

/// Offsets in Redis: standalone, behind Sentinel, or a cluster. With its Transaction, results in Redis are written together with
/// the offsets, which makes the effect exactly once.
///
///     tidemark::RedisOffsetStore store{"redis://localhost:6379"};
///     tidemark::MicroBatchConsumer<> consumer{
///         options, store, [](const tidemark::Batch<>& batch, tidemark::RedisTransaction& transaction) {
///           for (const auto& record : batch) transaction.command("HINCRBY", "totals", record.key(), 1);
///         }};
///
/// Format: for each topic and group one hash, by default at the key
///
///     kafka:topic:<topic>:<group>
///
/// of partition to next offset, both in decimal, and nothing else in it: what Spark Streaming jobs write with HMSET and read with HGETALL,
/// so either can go on where the other has stopped. A value that is no offset (0 to 2^63 - 1, without sign or leading zeros) is an
/// error that names key, field and value. Topics that Kafka does not allow are refused.
///
/// A commit is one command (EVALSHA) that compares and sets, however many partitions and topics it moves. In a cluster it is one for each
/// slot: "all or none" holds within a slot, so a batch over topics in several slots may be committed in part; what was not is committed by
/// the next attempt. A hash tag in `key_pattern` avoids that.
///
/// Redis keeps a confirmed commit as well as it is configured to, and a fail-over may lose the latest ones, results and offsets
/// together: see durability() and docs/redis.md.
///
/// Thread safety: shared objects safe; each call has a connection for itself. Don't carry one across fork().
/// Blocking:      for a round trip, at most `checkout_timeout` + `command_timeout`; a lost reply costs a second one. Where `connect_timeout` is
///                the longer one, it counts instead of `checkout_timeout`. Ends earlier with GroupSession's deadline or stop.
/// Lifetime:      must outlive its transactions.
/// Errors:        StoreError, with Redis's own words; retryable where time, a reconnection or a fail-over may mend it. The constructor
///                connects, so it throws that too, and ConfigError for options that can't work. The constructor tries each server once, and
///                behind Sentinel waits for a fail-over as every call does. No credential is in any text.
class TIDEMARK_EXPORT RedisOffsetStore final : public OffsetStore, public OffsetCatalog {
 public:
  using Transaction = RedisTransaction;

  explicit RedisOffsetStore(const RedisOffsetStoreOptions& options);
  /// See redis_options().
  explicit RedisOffsetStore(std::string_view url);
  ~RedisOffsetStore() override;

  RedisOffsetStore(const RedisOffsetStore&) = delete;
  RedisOffsetStore& operator=(const RedisOffsetStore&) = delete;

  std::vector<std::optional<std::int64_t>> load(const GroupSession& session,
                                                std::span<const TopicPartition> partitions) override;
  std::optional<Conflict> commit(const GroupSession& session, std::span<const OffsetRange> ranges) override;

  /// Looks through all keys of the server (SCAN). The other two are all or none within a slot of a cluster.
  std::vector<std::string> groups() override;
  std::vector<StoredOffset> list(std::string_view group) override;
  void overwrite(std::string_view group, std::span<const StoredOffset> offsets) override;
  void erase(std::string_view group, std::span<const TopicPartition> partitions) override;

  /// A transaction that moves these offsets when it is committed. Takes no connection yet.
  ///
  /// Errors: StoreError, not retryable, when the offsets are in several slots of a cluster.
  Transaction begin(const GroupSession& session, std::span<const OffsetRange> ranges);

  /// What the server's configuration promised when the store was opened; in a cluster, the weakest of the masters.
  const RedisDurability& durability() const noexcept;

 private:
  std::unique_ptr<detail::RedisClient> client_;
};

}  // namespace tidemark
