#pragma once

#include <cstddef>

namespace tidemark {

/// How fast records may come: as many of them, and of their bytes, a second, evened out over a tenth of one. Beyond that they wait in
/// Kafka. A record counts when it is read, before `filter`.
struct RateLimit {
  std::size_t records_per_second = 0;  ///< 0: as fast as they come.
  std::size_t bytes_per_second = 0;    ///< Keys and values. 0: as fast as they come.

  bool operator==(const RateLimit&) const = default;
};

}  // namespace tidemark
