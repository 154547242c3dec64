#pragma once

#include <cstdint>

namespace tidemark::bench {

struct BusyOptions {
  std::uint64_t records = 3'000'000;
  int rounds = 5;
};

/// A handler that works on each record: how near the whole comes to the handler's own time, free of librdkafka's fetch stalls.
void busy(const BusyOptions& options);

}  // namespace tidemark::bench
