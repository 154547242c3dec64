#pragma once

#include <map>
#include <mutex>
#include <string>

#include <tidemark/offset_catalog.hpp>
#include <tidemark/offset_store.hpp>

namespace tidemark::testing {

/// Offsets in memory, for tests: as much of the contract as there is without durability.
///
/// Thread safety: shared objects safe.
/// Blocking:      never.
/// Errors:        StoreError for a negative offset; nothing changes then.
class TIDEMARK_EXPORT MemoryOffsetStore : public OffsetStore, public OffsetCatalog {
 public:
  std::vector<std::optional<std::int64_t>> load(const GroupSession& session,
                                                std::span<const TopicPartition> partitions) override;
  std::optional<Conflict> commit(const GroupSession& session, std::span<const OffsetRange> ranges) override;

  std::vector<std::string> groups() override;
  std::vector<StoredOffset> list(std::string_view group) override;
  void overwrite(std::string_view group, std::span<const StoredOffset> offsets) override;
  void erase(std::string_view group, std::span<const TopicPartition> partitions) override;

 private:
  using Offsets = std::map<TopicPartition, std::int64_t>;

  std::mutex mutex_;
  std::map<std::string, Offsets, std::less<>> groups_;
};

}  // namespace tidemark::testing
