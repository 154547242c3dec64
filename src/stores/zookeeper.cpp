#include <tidemark/stores/zookeeper.hpp>

#include <utility>

#include "stores/common/call_scope.hpp"
#include "stores/zookeeper/client.hpp"

namespace tidemark {

ZooKeeperOffsetStore::ZooKeeperOffsetStore(ZooKeeperOffsetStoreOptions options)
    : client_{std::make_unique<detail::ZooKeeperClient>(std::move(options))} {}

ZooKeeperOffsetStore::ZooKeeperOffsetStore(std::string_view connect_string)
    : ZooKeeperOffsetStore{zookeeper_options(connect_string)} {}

ZooKeeperOffsetStore::~ZooKeeperOffsetStore() = default;

std::vector<std::optional<std::int64_t>> ZooKeeperOffsetStore::load(const GroupSession& session,
                                                                    std::span<const TopicPartition> partitions) {
  const stores::CallScope scope{session};
  return client_->load(session.group, partitions);
}

std::optional<Conflict> ZooKeeperOffsetStore::commit(const GroupSession& session, std::span<const OffsetRange> ranges) {
  const stores::CallScope scope{session};
  return client_->commit(session.group, ranges);
}

std::vector<std::string> ZooKeeperOffsetStore::groups() { return client_->groups(); }

std::vector<StoredOffset> ZooKeeperOffsetStore::list(std::string_view group) { return client_->list(group); }

void ZooKeeperOffsetStore::overwrite(std::string_view group, std::span<const StoredOffset> offsets) {
  client_->overwrite(group, offsets);
}

void ZooKeeperOffsetStore::erase(std::string_view group, std::span<const TopicPartition> partitions) {
  client_->erase(group, partitions);
}

}  // namespace tidemark
