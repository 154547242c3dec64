#pragma once

#include <string>
#include <vector>

#include <tidemark/topic_partition.hpp>

#include "core/partition_start.hpp"

namespace tidemark::core {

/// Kafka could not tell where a partition starts, for a reason that may pass: it has no leader, say.
struct OpenStart {
  TopicPartition partition;
  std::string why;

  bool operator==(const OpenStart&) const = default;
};

/// What came out of the question where partitions start. The answer about one partition concerns that partition only.
struct Starts {
  std::vector<PartitionStart> known;
  std::vector<OpenStart> open;  ///< To be asked for again.
};

}  // namespace tidemark::core
