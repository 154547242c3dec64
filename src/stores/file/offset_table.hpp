#pragma once

#include <cstdint>
#include <unordered_map>

#include <tidemark/topic_partition.hpp>

#include "stores/common/offsets.hpp"
#include "stores/common/proposal.hpp"

namespace tidemark::file {

/// What is stored for one group.
using OffsetTable = std::unordered_map<TopicPartition, std::int64_t>;

using stores::Edits;
using Proposal = stores::Proposal<OffsetTable>;

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
