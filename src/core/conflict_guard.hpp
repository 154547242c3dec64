#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <span>

#include <tidemark/offset_range.hpp>

#include "core/invariant.hpp"

namespace tidemark::core {

/// Tells a reset by an operator, which happens once, from a second consumer that keeps committing as the same group.
///
/// Conflicts that follow the last counted one within a second are not counted: a member that its group has put out, and that is not
/// told before its next heartbeat, may meet many with the new owner until then.
class ConflictGuard {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  explicit ConflictGuard(std::size_t limit) : limit_{limit} { TIDEMARK_EXPECTS(limit > 0); }

  /// Returns whether that was one conflict too many on this partition.
  bool on_conflict(const TopicPartition& partition, TimePoint now) {
    auto& row = in_a_row_[partition];
    if (row.count > 0 && now < row.last + apart) return false;
    TIDEMARK_EXPECTS(row.count == 0 || row.last <= now);
    row.last = now;
    return ++row.count >= limit_;
  }

  void on_commit(std::span<const OffsetRange> ranges) {
    if (in_a_row_.empty()) return;
    for (const auto& range : ranges) in_a_row_.erase(range.partition);
  }

 private:
  static constexpr std::chrono::seconds apart{1};

  struct Row {
    std::size_t count = 0;
    TimePoint last{};
  };

  std::size_t limit_;
  std::map<TopicPartition, Row> in_a_row_;
};

}  // namespace tidemark::core
