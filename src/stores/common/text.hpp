#pragma once

#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

namespace tidemark::stores {

/// The number in a text that somebody else may have written: decimal, from 0 on, as it would be printed. nullopt for everything else, such as
/// a sign, spaces or leading zeros: those would never compare equal to what we write.
template <std::signed_integral Number>
std::optional<Number> canonical_number(std::string_view text) {
  Number number = 0;
  const auto* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  // from_chars takes a minus sign, so -0 would pass for 0.
  if (error != std::errc{} || rest != end || text.front() == '-' || (text.front() == '0' && text.size() > 1))
    return std::nullopt;
  return number;
}

/// 0 to 2^63 - 1.
inline std::optional<std::int64_t> offset_in(std::string_view text) { return canonical_number<std::int64_t>(text); }

/// 0 to 2^31 - 1.
inline std::optional<std::int32_t> partition_in(std::string_view text) { return canonical_number<std::int32_t>(text); }

constexpr std::size_t longest_shown = 300;  // a topic's name may have 249

/// What came from outside, fit for a message: not too long, and with control characters escaped, for a NUL would end it.
inline std::string shortened(std::string_view text, std::size_t longest = longest_shown) {
  std::string shown;
  for (const char c : text.substr(0, longest)) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      shown += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    else
      shown += c;
  }
  return shown + (text.size() > longest ? "…" : "");
}

/// The same in quotes.
inline std::string quoted(std::string_view text, std::size_t longest = longest_shown) {
  return '"' + shortened(text, longest) + '"';
}

/// "host", "[::1]".
inline std::string bracketed(std::string_view host) {
  return host.find(':') == std::string_view::npos ? std::string{host} : fmt::format("[{}]", host);
}

/// "host:9090", "[::1]:9090".
inline std::string host_and_port(std::string_view host, std::uint16_t port) {
  return fmt::format("{}:{}", bracketed(host), port);
}

}  // namespace tidemark::stores
