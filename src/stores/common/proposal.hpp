#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include <tidemark/offset_catalog.hpp>
#include <tidemark/offset_range.hpp>

#include "stores/common/offsets.hpp"

namespace tidemark::stores {

/// Collects what several callers want to change, for one record or batch of a log. Each sees the changes of those before it, as if they were
/// stored.
///
/// Thread safety: distinct objects safe; shared objects unsafe.
/// Lifetime:      `stored` must outlive it and stay as it is.
template <class OffsetTable>
class Proposal {
 public:
  explicit Proposal(const OffsetTable& stored) : stored_{stored} {}

  /// As OffsetStore::commit.
  std::optional<Conflict> commit(std::span<const OffsetRange> ranges) {
    for (const auto& range : ranges) {
      const auto next = next_of(range.partition);
      if (next && *next != range.from && *next != range.until) return Conflict{range.partition, next};
    }
    for (const auto& range : ranges) set(range.partition, range.until);
    return std::nullopt;
  }
  void overwrite(std::span<const StoredOffset> offsets) {
    for (const auto& offset : offsets) set(offset.partition, offset.next);
  }
  void erase(std::span<const TopicPartition> partitions) {
    for (const auto& partition : partitions) set(partition, std::nullopt);
  }

  /// What differs from what is stored. Empty where there is nothing to write.
  const Edits& edits() const { return edits_; }
  Edits take_edits() { return std::move(edits_); }

 private:
  std::optional<std::int64_t> next_of(const TopicPartition& partition) const {
    const auto edit = edits_.find(partition);
    return edit == edits_.end() ? next_in(stored_, partition) : edit->second;
  }
  void set(const TopicPartition& partition, std::optional<std::int64_t> next) {
    if (next == next_in(stored_, partition))
      edits_.erase(partition);
    else
      edits_.insert_or_assign(partition, next);
  }

  const OffsetTable& stored_;
  Edits edits_;
};

}  // namespace tidemark::stores
