#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>

#include <tidemark/topic_partition.hpp>

namespace tidemark::file {

/// What is stored for one group.
using OffsetTable = std::unordered_map<TopicPartition, std::int64_t>;

/// What one record changes; nullopt erases. In order, so that a line reads well.
using Edits = std::map<TopicPartition, std::optional<std::int64_t>>;

inline void apply_edits(const Edits& edits, OffsetTable& table) {
  for (const auto& [partition, next] : edits) {
    if (next) {
      table.insert_or_assign(partition, *next);
    } else {
      table.erase(partition);
    }
  }
}

}  // namespace tidemark::file
