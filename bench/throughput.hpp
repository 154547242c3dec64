#pragma once

#include <cstdint>

namespace tidemark::bench {

struct ThroughputOptions {
  std::uint64_t records = 5'000'000;
  int rounds = 5;
};

/// Small records, one worker, as fast as they come: what tidemark adds to librdkafka.
void throughput(const ThroughputOptions& options);

}  // namespace tidemark::bench
