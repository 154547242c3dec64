#include "stores/redis/slot.hpp"

#include <array>

namespace tidemark::detail {

namespace {

// CRC-16/XMODEM, as the cluster specification prescribes.
constexpr std::array<std::uint16_t, 256> make_table() {
  std::array<std::uint16_t, 256> table{};
  for (std::uint32_t byte = 0; byte < table.size(); ++byte) {
    std::uint32_t crc = byte << 8;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 0x8000u) != 0 ? (crc << 1) ^ 0x1021u : crc << 1;
    table[byte] = static_cast<std::uint16_t>(crc);
  }
  return table;
}

constexpr auto table = make_table();

std::string_view hashed_part(std::string_view key) {
  const auto open = key.find('{');
  if (open == std::string_view::npos) return key;
  const auto close = key.find('}', open + 1);
  if (close == std::string_view::npos || close == open + 1) return key;
  return key.substr(open + 1, close - open - 1);
}

}  // namespace

std::uint16_t redis_slot(std::string_view key) {
  std::uint32_t crc = 0;
  for (const char c : hashed_part(key))
    crc = ((crc << 8) & 0xffffu) ^ table[((crc >> 8) ^ static_cast<unsigned char>(c)) & 0xffu];
  return static_cast<std::uint16_t>(crc % redis_slots);
}

}  // namespace tidemark::detail
