#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace tidemark {

/// One partition of a Kafka topic.
struct TopicPartition {
  std::string topic;
  std::int32_t partition = 0;

  auto operator<=>(const TopicPartition&) const = default;
  bool operator==(const TopicPartition&) const = default;
};

}  // namespace tidemark

template <>
struct std::hash<tidemark::TopicPartition> {
  std::size_t operator()(const tidemark::TopicPartition& partition) const noexcept {
    return std::hash<std::string>{}(partition.topic) * 31 + static_cast<std::uint32_t>(partition.partition);
  }
};
