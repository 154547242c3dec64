#pragma once

#include <string>

#include <fmt/format.h>

#include <tidemark/offset_range.hpp>

namespace simulation {

inline std::string text_of(const tidemark::TopicPartition& partition) {
  return fmt::format("{} [{}]", partition.topic, partition.partition);
}

inline std::string text_of(const tidemark::OffsetRange& range) {
  return fmt::format("{} {} to {}", text_of(range.partition), range.from, range.until);
}

}  // namespace simulation
