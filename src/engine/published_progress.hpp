#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <tidemark/offset_range.hpp>

namespace tidemark::engine {

/// The committed positions, where any thread can look them up without waiting for a worker.
///
/// Thread safety: shared objects safe.
class PublishedProgress {
 public:
  void set(const TopicPartition& partition, std::int64_t next) {
    const std::lock_guard lock{mutex_};
    next_[partition] = next;
  }

  /// Partitions that were removed meanwhile stay so.
  void advance(std::span<const OffsetRange> ranges) {
    const std::lock_guard lock{mutex_};
    for (const auto& range : ranges)
      if (const auto found = next_.find(range.partition); found != next_.end()) found->second = range.until;
  }

  void remove(std::span<const TopicPartition> partitions) {
    const std::lock_guard lock{mutex_};
    for (const auto& partition : partitions) next_.erase(partition);
  }

  std::vector<std::pair<TopicPartition, std::int64_t>> snapshot() const {
    const std::lock_guard lock{mutex_};
    return {next_.begin(), next_.end()};
  }

 private:
  mutable std::mutex mutex_;
  std::map<TopicPartition, std::int64_t> next_;
};

}  // namespace tidemark::engine
