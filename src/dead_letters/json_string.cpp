#include "dead_letters/json_string.hpp"

#include <cstddef>
#include <cstdint>
#include <iterator>

#include <fmt/format.h>

namespace tidemark::json {
namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd";  // U+FFFD

unsigned byte_at(std::string_view text, std::size_t index) { return static_cast<unsigned char>(text[index]); }

/// How many bytes the character at the front has; 0 where it is none: an overlong form, a surrogate, beyond U+10FFFF, cut off.
std::size_t length_of_first(std::string_view text) {
  const auto first = byte_at(text, 0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte_at(text, i) & 0xc0) != 0x80) return 0;
  const auto second = byte_at(text, 1);
  if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f)) return 0;
  if ((first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f)) return 0;
  return length;
}

void append_escaped(std::string& to, char c) {
  switch (c) {
    case '"':
      to += "\\\"";
      return;
    case '\\':
      to += "\\\\";
      return;
    case '\n':
      to += "\\n";
      return;
    default:
      if (static_cast<unsigned char>(c) < 0x20)
        fmt::format_to(std::back_inserter(to), "\\u{:04x}", static_cast<unsigned char>(c));
      else
        to += c;
  }
}

void append_base64(std::string& to, std::string_view bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto count = bytes.size() - i;
    const auto group = byte_at(bytes, i) << 16 | (count > 1 ? byte_at(bytes, i + 1) << 8 : 0) |
                       (count > 2 ? byte_at(bytes, i + 2) : 0);
    to += digits[group >> 18];
    to += digits[group >> 12 & 63];
    to += count > 1 ? digits[group >> 6 & 63] : '=';
    to += count > 2 ? digits[group & 63] : '=';
  }
}

}  // namespace

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const auto length = length_of_first(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

void append_string(std::string& to, std::string_view text) {
  to += '"';
  while (!text.empty()) {
    const auto length = length_of_first(text);
    if (length == 0)
      to += replacement;
    else if (length == 1)
      append_escaped(to, text.front());
    else
      to += text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  to += '"';
}

void append_bytes(std::string& to, const Bytes& bytes) {
  if (bytes.is_null()) {
    to += "null";
  } else if (is_utf8(bytes.text())) {
    append_string(to, bytes.text());
  } else {
    to += R"({"base64":")";
    append_base64(to, bytes.text());
    to += "\"}";
  }
}

}  // namespace tidemark::json
