#include <tidemark/stores/kafka.hpp>

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include <tidemark/error.hpp>

#include "stores/kafka/admin_client.hpp"
#include "stores/kafka/commit_order.hpp"
#include "stores/kafka/live_group.hpp"

namespace tidemark {

using namespace std::chrono_literals;

class KafkaOffsetStore::Impl {
 public:
  explicit Impl(KafkaOffsetStoreOptions options) : options_{std::move(options)} {
    if (options_.timeout < 1ms || options_.timeout > 1h)
      throw ConfigError{
          fmt::format("KafkaOffsetStoreOptions::timeout is {} ms; choose 1 ms to 1 hour", options_.timeout.count())};
    if (!options_.brokers.empty())
      admin_.emplace(options_);
    else if (!options_.kafka.empty() || options_.oauth_token)
      throw ConfigError{
          "KafkaOffsetStoreOptions::kafka has properties for a connection, but brokers is empty; set it, or put the "
          "properties into ConsumerOptions::kafka"};
  }

  kafka::StoredOffsets load(const GroupSession& session, std::span<const TopicPartition> partitions) {
    if (partitions.empty()) return {};
    return session.consumer ? live(session).load(partitions) : admin().list(session.group, partitions);
  }

  std::optional<Conflict> commit(const GroupSession& session, std::span<const OffsetRange> ranges) {
    if (ranges.empty()) return std::nullopt;
    if (auto conflict = conflict_of_starts(session, ranges)) return conflict;
    if (session.consumer)
      live(session).commit(ranges, options_.metadata);
    else
      admin().overwrite(session.group, kafka::ends_of(ranges));
    return std::nullopt;
  }

  kafka::AdminClient& admin() {
    if (!admin_)
      throw ConfigError{
          "KafkaOffsetStore knows no Kafka cluster to ask without a live consumer; set "
          "KafkaOffsetStoreOptions::brokers"};
    return *admin_;
  }

 private:
  /// Members that start together store the start of the whole topic each, and the second one must not move the first one's offsets.
  /// Ranges with records come from the partition's owner, so they need no such look.
  std::optional<Conflict> conflict_of_starts(const GroupSession& session, std::span<const OffsetRange> ranges) {
    std::vector<TopicPartition> starts;
    for (const auto& range : ranges)
      if (range.from == range.until) starts.push_back(range.partition);
    const auto stored = load(session, starts);
    for (const auto& range : ranges)
      if (const auto found = stored.find(range.partition); found != stored.end() && found->second != range.until)
        return Conflict{range.partition, found->second};
    return std::nullopt;
  }

  kafka::LiveGroup live(const GroupSession& session) { return {session, options_.timeout, order_}; }

  KafkaOffsetStoreOptions options_;
  std::optional<kafka::AdminClient> admin_;
  kafka::CommitOrder order_;
};

KafkaOffsetStore::KafkaOffsetStore(KafkaOffsetStoreOptions options)
    : impl_{std::make_unique<Impl>(std::move(options))} {}

KafkaOffsetStore::~KafkaOffsetStore() = default;

std::vector<std::optional<std::int64_t>> KafkaOffsetStore::load(const GroupSession& session,
                                                                std::span<const TopicPartition> partitions) {
  const auto stored = impl_->load(session, partitions);
  std::vector<std::optional<std::int64_t>> in_order;
  in_order.reserve(partitions.size());
  for (const auto& partition : partitions) {
    const auto found = stored.find(partition);
    in_order.push_back(found == stored.end() ? std::nullopt : std::optional{found->second});
  }
  return in_order;
}

std::optional<Conflict> KafkaOffsetStore::commit(const GroupSession& session, std::span<const OffsetRange> ranges) {
  return impl_->commit(session, ranges);
}

std::vector<std::string> KafkaOffsetStore::groups() { return impl_->admin().groups(); }

std::vector<StoredOffset> KafkaOffsetStore::list(std::string_view group) {
  std::vector<StoredOffset> all;
  for (const auto& [partition, next] : impl_->admin().list(group)) all.push_back({partition, next});
  return all;
}

void KafkaOffsetStore::overwrite(std::string_view group, std::span<const StoredOffset> offsets) {
  auto& admin = impl_->admin();
  if (!offsets.empty()) admin.overwrite(group, offsets);
}

void KafkaOffsetStore::erase(std::string_view group, std::span<const TopicPartition> partitions) {
  auto& admin = impl_->admin();
  if (!partitions.empty()) admin.erase(group, partitions);
}

}  // namespace tidemark
