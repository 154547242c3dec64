#include <tidemark/stores/redis.hpp>

#include <tidemark/transactional_store.hpp>

#include "stores/common/call_scope.hpp"
#include "stores/redis/catalog.hpp"
#include "stores/redis/client.hpp"

namespace tidemark {

static_assert(TransactionalStore<RedisOffsetStore>);

RedisOffsetStore::RedisOffsetStore(const RedisOffsetStoreOptions& options)
    : client_{std::make_unique<detail::RedisClient>(options)} {}

RedisOffsetStore::RedisOffsetStore(std::string_view url) : RedisOffsetStore{redis_options(url)} {}

RedisOffsetStore::~RedisOffsetStore() = default;

std::vector<std::optional<std::int64_t>> RedisOffsetStore::load(const GroupSession& session,
                                                                std::span<const TopicPartition> partitions) {
  const stores::CallScope scope{session};
  return client_->load(session.group, partitions);
}

std::optional<Conflict> RedisOffsetStore::commit(const GroupSession& session, std::span<const OffsetRange> ranges) {
  const stores::CallScope scope{session};
  return client_->commit(session.group, ranges);
}

std::vector<std::string> RedisOffsetStore::groups() { return detail::redis_groups(*client_); }

std::vector<StoredOffset> RedisOffsetStore::list(std::string_view group) { return detail::redis_list(*client_, group); }

void RedisOffsetStore::overwrite(std::string_view group, std::span<const StoredOffset> offsets) {
  detail::redis_overwrite(*client_, group, offsets);
}

void RedisOffsetStore::erase(std::string_view group, std::span<const TopicPartition> partitions) {
  detail::redis_erase(*client_, group, partitions);
}

RedisOffsetStore::Transaction RedisOffsetStore::begin(const GroupSession& session,
                                                      std::span<const OffsetRange> ranges) {
  const stores::CallScope scope{session};
  return Transaction{*client_, session, ranges};
}

const RedisDurability& RedisOffsetStore::durability() const noexcept { return client_->durability(); }

}  // namespace tidemark
