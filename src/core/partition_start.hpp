#pragma once

#include <cstdint>

#include <tidemark/topic_partition.hpp>

namespace tidemark::core {

/// Where reading of a partition begins.
struct PartitionStart {
  TopicPartition partition;
  std::int64_t stored = 0;  ///< What the store holds, where the chain of ranges goes on; `next` if it holds nothing.
  std::int64_t next = 0;    ///< The first offset to read.

  bool operator==(const PartitionStart&) const = default;
};

}  // namespace tidemark::core
