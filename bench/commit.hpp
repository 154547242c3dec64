#pragma once

#include <cstdint>

namespace tidemark::bench {

struct CommitOptions {
  std::uint64_t records = 5'000'000;
  int rounds = 5;
};

/// Batches of 1,000 records: what is left of the rate when each of them is committed.
void commit(const CommitOptions& options);

}  // namespace tidemark::bench
