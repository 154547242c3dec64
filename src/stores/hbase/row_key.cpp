#include "stores/hbase/row_key.hpp"

#include <fmt/format.h>

#include <cstddef>

#include <tidemark/error.hpp>

#include "stores/common/text.hpp"

namespace tidemark::detail {

namespace {

constexpr std::size_t longest_key = 32'767;
constexpr std::string_view digits = "0123456789ABCDEF";

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

std::string escaped(std::string_view name) {
  std::string text;
  for (const char c : name) {
    if (is_plain(c)) {
      text += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    text += {'%', digits[byte >> 4], digits[byte & 15]};
  }
  return text;
}

/// nullopt where escaped() would not have written it.
std::optional<std::string> unescaped(std::string_view text) {
  std::string name;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      name += text[i];
      continue;
    }
    const auto high = i + 2 < text.size() ? digits.find(text[i + 1]) : std::string_view::npos;
    const auto low = i + 2 < text.size() ? digits.find(text[i + 2]) : std::string_view::npos;
    if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
    name += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return escaped(name) == text ? std::optional{name} : std::nullopt;
}

}  // namespace

std::string hbase_row_prefix(std::string_view group) { return escaped(group) + ':'; }

std::string hbase_row_key(std::string_view group, std::string_view topic) {
  auto key = hbase_row_prefix(group) + escaped(topic);
  if (key.size() > longest_key)
    throw StoreError{
        fmt::format(
            "HBase store: group {} and topic {} make a row key of {} bytes, and HBase takes {}: use shorter names",
            stores::quoted(group), stores::quoted(topic), key.size(), longest_key),
        StoreError::Retry::no};
  return key;
}

std::optional<std::string> hbase_topic(std::string_view row_key, std::string_view prefix) {
  if (!row_key.starts_with(prefix)) return std::nullopt;
  return unescaped(row_key.substr(prefix.size()));
}

std::optional<std::string> hbase_group(std::string_view row_key) {
  const auto colon = row_key.find(':');
  if (colon == std::string_view::npos || !unescaped(row_key.substr(colon + 1))) return std::nullopt;
  return unescaped(row_key.substr(0, colon));
}

}  // namespace tidemark::detail
