#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace tidemark::bench {

struct Filling {
  std::string topic{};
  int partitions = 4;
  std::uint64_t records = 0;
  std::size_t value_bytes = 100;
  std::string compression = "none";
  std::uint64_t keys = 0;  ///< As many keys, in no order; 0: one a record.
  std::uint64_t run = 1;   ///< So many records in a row go to a partition, as a batch of their own if more than one do.
};

/// Makes a topic with records of 8-byte keys, spread over its partitions. Throws std::runtime_error.
void fill_topic(const std::string& brokers, const Filling& filling);

}  // namespace tidemark::bench
