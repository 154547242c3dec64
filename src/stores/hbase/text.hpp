#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tidemark::detail {

/// The offset in a text that somebody else may have written: decimal, 0 to 2^63 - 1. nullopt for everything else, such as a sign,
/// spaces or leading zeros.
std::optional<std::int64_t> hbase_offset(std::string_view text);

/// A partition's number, by the same rules: 0 to 2^31 - 1.
std::optional<std::int32_t> hbase_partition(std::string_view text);

/// What came from outside, fit for a message: not too long, and with control characters escaped, for a NUL would end it.
std::string hbase_shortened(std::string_view text);

/// The same in quotes.
std::string hbase_quoted(std::string_view text);

}  // namespace tidemark::detail
