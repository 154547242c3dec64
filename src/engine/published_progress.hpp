#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <tidemark/offset_range.hpp>

namespace tidemark::engine {

/// The committed positions and how long they have held, where any thread can look them up without waiting for a worker.
///
/// Thread safety: shared objects safe.
class PublishedProgress {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  struct Entry {
    std::int64_t next = 0;
    TimePoint moved{};
    std::optional<TimePoint> handling_since{};
    std::int64_t skipped = 0;
    bool is_parked = false;
    std::optional<TimePoint> silent_since{};  // neither records nor word that there are none
    /// Where the partition ended for us when Kafka's log reached up to `log_end`: records of open transactions lie between the two.
    struct End {
      std::int64_t readable_end = 0;
      std::int64_t log_end = 0;
    };
    std::optional<End> end{};
  };

  void set(const TopicPartition& partition, std::int64_t next) {
    const std::lock_guard lock{mutex_};
    auto& entry = entries_[partition];
    entry.next = next;
    entry.moved = std::chrono::steady_clock::now();
  }

  /// Partitions that were removed meanwhile stay so.
  void advance(std::span<const OffsetRange> ranges) {
    const auto now = std::chrono::steady_clock::now();
    const std::lock_guard lock{mutex_};
    for (const auto& range : ranges) {
      const auto found = entries_.find(range.partition);
      if (found == entries_.end()) continue;
      found->second.next = range.until;
      found->second.moved = now;
      found->second.silent_since.reset();
    }
  }

  void set_skipped(const TopicPartition& partition, std::int64_t offsets) {
    change(partition, [&](Entry& entry) { entry.skipped = offsets; });
  }
  void set_end(const TopicPartition& partition, const Entry::End& end) {
    change(partition, [&](Entry& entry) {
      entry.end = end;
      entry.silent_since.reset();
    });
  }
  void set_silent(const TopicPartition& partition, TimePoint since) {
    change(partition, [&](Entry& entry) { entry.silent_since = since; });
  }
  void set_parked(const TopicPartition& partition, bool is_parked) {
    change(partition, [&](Entry& entry) { entry.is_parked = is_parked; });
  }

  void begin_handling(std::span<const OffsetRange> ranges, TimePoint now) { set_handling(ranges, now); }
  void end_handling(std::span<const OffsetRange> ranges) { set_handling(ranges, std::nullopt); }

  void remove(std::span<const TopicPartition> partitions) {
    const std::lock_guard lock{mutex_};
    for (const auto& partition : partitions) entries_.erase(partition);
  }

  std::vector<std::pair<TopicPartition, Entry>> snapshot() const {
    const std::lock_guard lock{mutex_};
    return {entries_.begin(), entries_.end()};
  }

 private:
  template <class Change>
  void change(const TopicPartition& partition, const Change& apply) {
    const std::lock_guard lock{mutex_};
    if (const auto found = entries_.find(partition); found != entries_.end()) apply(found->second);
  }

  void set_handling(std::span<const OffsetRange> ranges, std::optional<TimePoint> since) {
    const std::lock_guard lock{mutex_};
    for (const auto& range : ranges)
      if (const auto found = entries_.find(range.partition); found != entries_.end())
        found->second.handling_since = since;
  }

  mutable std::mutex mutex_;
  std::map<TopicPartition, Entry> entries_;
};

}  // namespace tidemark::engine
