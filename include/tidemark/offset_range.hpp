#pragma once

#include <cstdint>
#include <optional>

#include <tidemark/topic_partition.hpp>

namespace tidemark {

/// Records [from, until) of one partition.
///
/// `from` is where the partition's previous range ended, so its ranges form an unbroken chain, across compaction gaps and
/// transaction markers too. `until` is the next offset to read: the last handled offset + 1, as Kafka itself commits it.
///
/// An empty range (`from` == `until`) stores a start position. `until` lies below `from` only where Kafka itself lost records
/// (a topic made anew, a truncated log) and the out-of-range policy says where to go on.
struct OffsetRange {
  TopicPartition partition;
  std::int64_t from = 0;
  std::int64_t until = 0;

  bool operator==(const OffsetRange&) const = default;
};

/// A commit that came too late: somebody else moved the partition.
struct Conflict {
  TopicPartition partition;
  std::optional<std::int64_t> stored;  ///< What the store holds instead of `from`.

  bool operator==(const Conflict&) const = default;
};

}  // namespace tidemark
