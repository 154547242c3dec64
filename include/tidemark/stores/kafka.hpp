#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tidemark/export.hpp>
#include <tidemark/oauth_token.hpp>
#include <tidemark/offset_catalog.hpp>
#include <tidemark/offset_store.hpp>

namespace tidemark {

struct KafkaOffsetStoreOptions {
  /// `host:port[,host:port…]`. Only for calls without a live consumer, as tools and OffsetCatalog make them; consumers use their own
  /// connection.
  std::string brokers{};

  /// For one call. librdkafka has no limit of its own while the coordinator is away.
  std::chrono::milliseconds timeout{10'000};

  /// Kept by Kafka beside every offset, for people to read. The broker's `offset.metadata.max.bytes` limits it.
  std::string metadata{};

  /// Any librdkafka property for the connection to `brokers`, such as {"security.protocol", "SASL_SSL"}.
  std::map<std::string, std::string> kafka{};

  /// Fetches the tokens where {"sasl.mechanisms", "OAUTHBEARER"} is in `kafka`. Without it, librdkafka fetches them by itself if
  /// `sasl.oauthbearer.method` is "oidc".
  OAuthTokenProvider oauth_token{};
};

/// Keeps offsets where Kafka itself does, in `__consumer_offsets`, so that every Kafka tool shows them.
///
///     tidemark::KafkaOffsetStore store;                                 // for consumers
///     tidemark::KafkaOffsetStore store{{.brokers = "localhost:9092"}};  // as an OffsetCatalog too
///
/// The group coordinator cannot compare before it sets, and so commit() does not compare either. The fence is the group membership
/// instead: Kafka takes commits of the group's present members and generation only, and commit() refuses, before it asks Kafka,
/// partitions that the consumer has lost or no longer has assigned. Only start positions, empty ranges, can be a Conflict: these are
/// looked up first, though not in one step with the commit. Therefore:
///
/// * Kafka does not let an operator reset offsets while the group has members: stop them first, or use another store.
/// * Consumers of explicit partitions are no members. Kafka takes their commits while the group has no members at all, whoever they
///   come from: nothing keeps two such consumers apart, and their next commit undoes an operator's reset.
/// * A commit goes through whole, unless Kafka refuses some of its partitions, such as one whose topic was deleted; then the others
///   have moved. The same holds for overwrite() and erase().
/// * Kafka forgets the offsets of a group that stays without members for `offsets.retention.minutes` (a week unless configured).
/// * librdkafka does not drop a commit when its time is over: it may repeat it for minutes. So the partitions of a commit that timed out
///   accept no other commit until librdkafka has answered it. Meanwhile commit() waits up to `timeout`, then throws a retryable
///   StoreError that names the partition.
/// * list() and a load() through `brokers` do not show offsets that an open transaction is about to replace: they wait up to `timeout`
///   for the transaction to end, then throw a retryable StoreError.
/// * Cooperative rebalancing needs librdkafka 2.10.0: an older one can lose its whole assignment when it commits during a rebalance
///   (its issue 4059), and is refused.
///
/// Without a live consumer load() and commit() go to `brokers`; commit() then needs a group without members.
///
/// Thread safety: shared objects safe; several workers commit at once.
/// Blocking:      up to `timeout`. A commit alone takes some 6 ms: Kafka 4 gathers the commits of 5 ms.
/// Lifetime:      must outlive every consumer that was given it.
/// Errors:        the constructor throws ConfigError. Everything else throws StoreError, retryable where a rejoin or a broker's
///                return mends it; after a time-out the outcome is unknown. OffsetCatalog's functions throw ConfigError where
///                `brokers` is empty.
class TIDEMARK_EXPORT KafkaOffsetStore final : public OffsetStore, public OffsetCatalog {
 public:
  explicit KafkaOffsetStore(KafkaOffsetStoreOptions options = {});
  ~KafkaOffsetStore() override;

  KafkaOffsetStore(const KafkaOffsetStore&) = delete;
  KafkaOffsetStore& operator=(const KafkaOffsetStore&) = delete;

  std::vector<std::optional<std::int64_t>> load(const GroupSession& session,
                                                std::span<const TopicPartition> partitions) override;
  std::optional<Conflict> commit(const GroupSession& session, std::span<const OffsetRange> ranges) override;

  std::vector<std::string> groups() override;
  std::vector<StoredOffset> list(std::string_view group) override;
  void overwrite(std::string_view group, std::span<const StoredOffset> offsets) override;
  void erase(std::string_view group, std::span<const TopicPartition> partitions) override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidemark
