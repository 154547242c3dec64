#pragma once

#include <algorithm>
#include <string_view>

namespace tidemark::stores {

/// Whether a text can be a host's name or address, without brackets: letters, digits, `.`, `-` and `_`, or an IPv6 address. Anything else
/// that was given for one may be a password that stands in the wrong place, and must reach neither a message nor a DNS server.
inline bool is_host_name(std::string_view text) {
  const auto is_alphanumeric = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  const bool is_ipv6 = text.find(':') != std::string_view::npos;
  const std::string_view others = is_ipv6 ? ":.%-_" : ".-_";  // after a % comes the name of an interface
  constexpr std::size_t longest = 253;
  return !text.empty() && text.size() <= longest && std::ranges::all_of(text, [&](char c) {
    return is_alphanumeric(c) || others.find(c) != std::string_view::npos;
  });
}

}  // namespace tidemark::stores
