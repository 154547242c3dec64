#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include <tidemark/topic_partition.hpp>

namespace tidemark::stores {

/// What one record or batch of a log changes; nullopt erases. In order, so that it reads well.
using Edits = std::map<TopicPartition, std::optional<std::int64_t>>;

/// The next offset in a table of them by partition; nullopt where there is none.
template <class OffsetTable>
std::optional<std::int64_t> next_in(const OffsetTable& table, const TopicPartition& partition) {
  const auto found = table.find(partition);
  return found == table.end() ? std::optional<std::int64_t>{} : found->second;
}

/// As OffsetStore::load answers.
template <class OffsetTable>
std::vector<std::optional<std::int64_t>> next_in(const OffsetTable& table, std::span<const TopicPartition> partitions) {
  std::vector<std::optional<std::int64_t>> offsets;
  offsets.reserve(partitions.size());
  for (const auto& partition : partitions) offsets.push_back(next_in(table, partition));
  return offsets;
}

}  // namespace tidemark::stores
