#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <tidemark/stores/redis/options.hpp>

namespace tidemark::detail {

/// The offset in a text that somebody else may have written: decimal, 0 to 2^63 - 1, as Redis itself would print it. nullopt for
/// everything else, such as a sign, spaces or leading zeros: those would never compare equal to what we write.
std::optional<std::int64_t> redis_offset(std::string_view text);

/// A partition's number, by the same rules: 0 to 2^31 - 1.
std::optional<std::int32_t> redis_partition(std::string_view text);

/// What came from outside, in quotes: shortened, and with control characters escaped, for a NUL would end the message.
std::string redis_quoted(std::string_view text);

std::string redis_text(const RedisAddress& address);

}  // namespace tidemark::detail
