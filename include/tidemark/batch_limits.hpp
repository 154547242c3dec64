#pragma once

#include <chrono>
#include <cstddef>

namespace tidemark {

/// A batch closes at whichever limit it reaches first.
struct BatchLimits {
  std::size_t max_records = 10'000;
  /// Keys, values, and about what headers weigh. A single larger record still passes, alone.
  std::size_t max_bytes = 16u << 20;
  std::chrono::milliseconds max_wait{100};  ///< Since the batch's first record. 0 takes what is there.
};

}  // namespace tidemark
