#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tidemark::detail {

/// The offset that a znode's text stands for: 0 to 2^63 - 1 in decimal, and nothing else; nullopt otherwise.
std::optional<std::int64_t> zookeeper_offset(std::string_view text);

/// A name or value for error texts: quoted, without control characters, not endless.
std::string zookeeper_shown(std::string_view text);

}  // namespace tidemark::detail
