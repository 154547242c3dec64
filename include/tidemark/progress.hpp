#pragma once

#include <cstdint>
#include <optional>

#include <tidemark/topic_partition.hpp>

namespace tidemark {

/// How far one partition has been handled and committed.
struct PartitionProgress {
  TopicPartition partition;
  std::int64_t next = 0;            ///< The next offset to read, as the store holds it.
  std::optional<std::int64_t> end;  ///< Kafka's end of the partition, as of the last fetch; nullopt before the first.

  /// Offsets between `next` and `end`; nullopt while the end is unknown. Zero when everything is handled, after transactions too.
  std::optional<std::int64_t> lag() const {
    if (!end) return std::nullopt;
    return *end > next ? *end - next : 0;
  }

  bool operator==(const PartitionProgress&) const = default;
};

}  // namespace tidemark
