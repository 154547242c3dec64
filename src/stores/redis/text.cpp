#include "stores/redis/text.hpp"

#include <fmt/format.h>

#include <charconv>

namespace tidemark::detail {

namespace {

constexpr std::size_t longest_shown = 300;  // a topic's name may have 249

template <class Number>
std::optional<Number> canonical(std::string_view text) {
  Number number = 0;
  const auto* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || rest != end || text.front() == '-' || (text.front() == '0' && text.size() > 1))
    return std::nullopt;
  return number;
}

}  // namespace

std::optional<std::int64_t> redis_offset(std::string_view text) { return canonical<std::int64_t>(text); }

std::optional<std::int32_t> redis_partition(std::string_view text) { return canonical<std::int32_t>(text); }

std::string redis_quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text.substr(0, longest_shown)) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      quoted += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    else
      quoted += c;
  }
  return quoted + (text.size() > longest_shown ? "…\"" : "\"");
}

std::string redis_text(const RedisAddress& address) {
  const bool is_ipv6 = address.host.find(':') != std::string::npos;
  return is_ipv6 ? fmt::format("[{}]:{}", address.host, address.port)
                 : fmt::format("{}:{}", address.host, address.port);
}

}  // namespace tidemark::detail
