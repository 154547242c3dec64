#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include <tidemark/topic_partition.hpp>

namespace tidemark {

/// How far one partition has been handled and committed.
struct PartitionProgress {
  TopicPartition partition;
  std::int64_t next = 0;            ///< The next offset to read, as the store holds it.
  std::optional<std::int64_t> end;  ///< Kafka's end of the partition, as of the last fetch; nullopt before the first.

  /// How long `next` has stood still, or since the partition became ours. Without a lag the partition is idle, with one its batch takes
  /// that long: see `in_handler_for`.
  std::chrono::milliseconds still_for{};
  /// How long the handler has been at a call with a batch of this partition; nullopt where it is at none.
  std::optional<std::chrono::milliseconds> in_handler_for{};

  /// How many offsets held no record, of those read since the partition became ours: compacted records, the markers and the aborted
  /// records of transactions, and records that were lost. See ConsumerOptions::gaps.
  std::int64_t skipped = 0;

  /// The record at `next` can't be read, and the partition is passed over until it is tried again: UnreadablePolicy::park.
  bool is_parked = false;

  /// Offsets between `next` and `end`; nullopt while the end is unknown. Zero when everything is handled, after transactions too.
  std::optional<std::int64_t> lag() const {
    if (!end) return std::nullopt;
    return *end > next ? *end - next : 0;
  }

  /// Of the positions; how long they have held does not matter.
  friend bool operator==(const PartitionProgress& a, const PartitionProgress& b) {
    return a.partition == b.partition && a.next == b.next && a.end == b.end;
  }
};

}  // namespace tidemark
