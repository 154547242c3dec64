#include "stores/hbase/text.hpp"

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

std::optional<std::int64_t> hbase_offset(std::string_view text) { return canonical<std::int64_t>(text); }

std::optional<std::int32_t> hbase_partition(std::string_view text) { return canonical<std::int32_t>(text); }

std::string hbase_shortened(std::string_view text) {
  std::string shown;
  for (const char c : text.substr(0, longest_shown)) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      shown += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    else
      shown += c;
  }
  return shown + (text.size() > longest_shown ? "…" : "");
}

std::string hbase_quoted(std::string_view text) { return '"' + hbase_shortened(text) + '"'; }

}  // namespace tidemark::detail
