#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace tidemark::core {

/// Why a partition can't be read on from where it stands.
struct Obstacle {
  enum class Kind {
    out_of_range,  ///< Kafka says that it has no such offset.
    truncated,     ///< Kafka has lost records that it once gave, and may hold others in their place.
    unreadable,    ///< The next batch is damaged, or of a kind that librdkafka can't read.
    forbidden,     ///< Access rules refuse to let this user read it.
    gap,           ///< Offsets are missing, and the policy forbids that.
  };

  Kind kind = Kind::out_of_range;
  /// The next record to read, by our own count: everything below is handled and stored.
  std::int64_t position = 0;
  /// The offset that librdkafka spoke of: a hint for people. Where the partition goes on is never taken from it.
  std::int64_t named = -1;
  /// `truncated`: Kafka's log holds what it held before up to here; nullopt where librdkafka did not say.
  std::optional<std::int64_t> end{};
  int code = 0;  ///< librdkafka's.
  std::string why{};
};

}  // namespace tidemark::core
