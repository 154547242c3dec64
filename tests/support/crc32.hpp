#pragma once

#include <cstdint>
#include <string_view>

namespace tidemark::test {

constexpr std::uint32_t castagnoli = 0x82f63b78;  ///< Of Kafka's batches.
constexpr std::uint32_t ieee = 0xedb88320;        ///< Of gzip.

/// `polynomial` is reflected.
inline std::uint32_t crc32(std::string_view bytes, std::uint32_t polynomial) {
  std::uint32_t sum = 0xffffffff;
  for (const unsigned char byte : bytes) {
    sum ^= byte;
    for (int bit = 0; bit < 8; ++bit) sum = (sum >> 1) ^ ((sum & 1) != 0 ? polynomial : 0);
  }
  return ~sum;
}

}  // namespace tidemark::test
