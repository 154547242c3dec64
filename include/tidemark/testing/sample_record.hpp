#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tidemark::testing {

struct SampleHeader {
  std::string name;
  std::optional<std::string> value{};  ///< nullopt is Kafka's null.
};

/// A record that a test makes up.
struct SampleRecord {
  std::string topic;
  std::int32_t partition = 0;
  std::optional<std::int64_t> offset{};  ///< nullopt: one after the partition's last in the batch, or 0.
  std::optional<std::string> key{};      ///< nullopt is Kafka's null.
  std::optional<std::string> value{};
  std::vector<SampleHeader> headers{};
  std::optional<std::chrono::system_clock::time_point> timestamp{};
};

}  // namespace tidemark::testing
