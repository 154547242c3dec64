#include <tidemark/stores/hbase.hpp>

#include "stores/common/call_scope.hpp"
#include "stores/hbase/catalog.hpp"
#include "stores/hbase/store.hpp"

namespace tidemark {

HBaseOffsetStore::HBaseOffsetStore(const HBaseOffsetStoreOptions& options)
    : store_{std::make_unique<detail::HBaseStore>(options)} {}

HBaseOffsetStore::~HBaseOffsetStore() = default;

std::vector<std::optional<std::int64_t>> HBaseOffsetStore::load(const GroupSession& session,
                                                                std::span<const TopicPartition> partitions) {
  const stores::CallScope scope{session};
  return store_->load(session.group, partitions);
}

std::optional<Conflict> HBaseOffsetStore::commit(const GroupSession& session, std::span<const OffsetRange> ranges) {
  const stores::CallScope scope{session};
  return store_->commit(session.group, ranges);
}

std::vector<std::string> HBaseOffsetStore::groups() { return detail::hbase_groups(*store_); }

std::vector<StoredOffset> HBaseOffsetStore::list(std::string_view group) { return detail::hbase_list(*store_, group); }

void HBaseOffsetStore::overwrite(std::string_view group, std::span<const StoredOffset> offsets) {
  detail::hbase_overwrite(*store_, group, offsets);
}

void HBaseOffsetStore::erase(std::string_view group, std::span<const TopicPartition> partitions) {
  detail::hbase_erase(*store_, group, partitions);
}

const HBaseRetention& HBaseOffsetStore::retention() const noexcept { return store_->retention(); }

}  // namespace tidemark
