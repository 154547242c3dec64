#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include <fmt/format.h>

#include <tidemark/topic_partition.hpp>

namespace tidemark::stores {

/// Calls `refuse(partition, why)`, which throws, for what can't be an offset.
template <class Refuse>
void check_offset(const TopicPartition& partition, std::int64_t offset, Refuse refuse) {
  if (offset < 0) refuse(partition, fmt::format("{} is not an offset; those go from 0 to 9223372036854775807", offset));
}

/// Calls `refuse(partition, why)`, which throws, where an item's partition is another one's, too.
template <class Item, class Refuse>
void check_distinct(std::span<const Item> items, Refuse refuse) {
  if (items.size() < 2) return;
  std::vector<const TopicPartition*> partitions;
  partitions.reserve(items.size());
  for (const auto& item : items) partitions.push_back(&item.partition);
  std::ranges::sort(partitions, {}, [](const auto* partition) -> const TopicPartition& { return *partition; });
  const auto twice =
      std::ranges::adjacent_find(partitions, [](const auto* left, const auto* right) { return *left == *right; });
  if (twice != partitions.end()) refuse(**twice, "it occurs twice in one call");
}

}  // namespace tidemark::stores
