#pragma once

#include <cstdint>
#include <string_view>

namespace tidemark::detail {

inline constexpr std::uint16_t redis_slots = 16'384;

/// The hash slot of a key in Redis Cluster: of its hash tag, the part between the first `{` and the next `}`, where that is not empty.
std::uint16_t redis_slot(std::string_view key);

}  // namespace tidemark::detail
