#pragma once

#include <cstddef>
#include <map>
#include <span>

#include <tidemark/offset_range.hpp>

namespace tidemark::core {

/// Tells a reset by an operator, which happens once, from a second consumer that keeps committing as the same group.
class ConflictGuard {
 public:
  explicit ConflictGuard(std::size_t limit) : limit_{limit} {}

  /// Returns whether that was one conflict too many on this partition.
  bool on_conflict(const TopicPartition& partition) { return ++in_a_row_[partition] >= limit_; }

  void on_commit(std::span<const OffsetRange> ranges) {
    if (in_a_row_.empty()) return;
    for (const auto& range : ranges) in_a_row_.erase(range.partition);
  }

 private:
  std::size_t limit_;
  std::map<TopicPartition, std::size_t> in_a_row_;
};

}  // namespace tidemark::core
