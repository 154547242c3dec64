#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>

#include <fmt/format.h>

#include <tidemark/topic_partition.hpp>

namespace tidemark::engine {

/// "orders [0], orders [1] and 7 more partitions": a text shows no more than five.
inline std::string names_of(std::span<const TopicPartition> partitions) {
  constexpr std::size_t most_named = 5;
  std::string names;
  for (const auto& [topic, partition] : partitions.first(std::min(partitions.size(), most_named)))
    names += fmt::format("{}{} [{}]", names.empty() ? "" : ", ", topic, partition);
  if (partitions.size() > most_named) names += fmt::format(" and {} more partitions", partitions.size() - most_named);
  return names;
}

}  // namespace tidemark::engine
