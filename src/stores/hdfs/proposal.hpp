#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include <tidemark/offset_catalog.hpp>
#include <tidemark/offset_range.hpp>

#include "stores/hdfs/offsets_file.hpp"

namespace tidemark::hdfs {

/// Collects what several callers want to change, for one batch of the log. Each sees the changes of those before it, as if they were stored.
///
/// Thread safety: distinct objects safe; shared objects unsafe.
/// Lifetime:      `stored` must outlive it and stay as it is.
class Proposal {
 public:
  explicit Proposal(const OffsetTable& stored) : stored_{stored} {}

  /// As OffsetStore::commit.
  std::optional<Conflict> commit(std::span<const OffsetRange> ranges);
  void overwrite(std::span<const StoredOffset> offsets);
  void erase(std::span<const TopicPartition> partitions);

  /// What differs from what is stored.
  const Edits& edits() const { return edits_; }

 private:
  std::optional<std::int64_t> next_of(const TopicPartition& partition) const;
  void set(const TopicPartition& partition, std::optional<std::int64_t> next);

  const OffsetTable& stored_;
  Edits edits_;
};

}  // namespace tidemark::hdfs
