#include "stores/zookeeper/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace tidemark::detail {

namespace {

constexpr std::size_t longest_shown = 250;  // a topic's name may have 249

}  // namespace

std::optional<std::int64_t> zookeeper_offset(std::string_view text) {
  // from_chars takes a minus sign, so -0 would pass for 0.
  if (text.empty() || !std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; })) return std::nullopt;
  if (text.size() > 1 && text.front() == '0') return std::nullopt;
  std::int64_t offset = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), offset);
  if (error != std::errc{}) return std::nullopt;
  return offset;
}

std::string zookeeper_shown(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text.substr(0, longest_shown)) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      quoted += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    else
      quoted += c;
  }
  return quoted + (text.size() > longest_shown ? "…\"" : "\"");
}

}  // namespace tidemark::detail
