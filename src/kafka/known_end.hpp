#pragma once

#include <cstdint>
#include <optional>

#include <tidemark/topic_partition.hpp>

#include "kafka/handles.hpp"

namespace tidemark::kafka {

/// The partition's end as of the last fetch; asks nobody. nullopt before the first.
inline std::optional<std::int64_t> known_end(rd_kafka_t* client, const TopicPartition& partition) {
  std::int64_t low = RD_KAFKA_OFFSET_INVALID;
  std::int64_t high = RD_KAFKA_OFFSET_INVALID;
  rd_kafka_get_watermark_offsets(client, partition.topic.c_str(), partition.partition, &low, &high);
  return high < 0 ? std::nullopt : std::optional{high};
}

}  // namespace tidemark::kafka
