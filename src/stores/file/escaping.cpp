#include "stores/file/escaping.hpp"

#include <cstddef>

#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/uuid_io.hpp>

namespace tidemark::file {

namespace {

constexpr std::string_view hex_digits = "0123456789ABCDEF";

// File systems end at 255 bytes; the rest of a longer name is told by its hash.
constexpr std::size_t longest_folder_name = 200;
constexpr std::size_t kept_of_longer = 120;

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

void append_escaped(std::string& out, char c) {
  const auto byte = static_cast<unsigned char>(c);
  out += '%';
  out += hex_digits[byte >> 4];
  out += hex_digits[byte & 15];
}

}  // namespace

std::string escape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (is_plain(c)) {
      out += c;
    } else {
      append_escaped(out, c);
    }
  }
  return out;
}

std::optional<std::string> unescape(std::string_view word) {
  std::string out;
  out.reserve(word.size());
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (word[i] != '%') {
      if (!is_plain(word[i])) return std::nullopt;
      out += word[i];
      continue;
    }
    if (word.size() - i < 3) return std::nullopt;
    const auto high = hex_digits.find(word[i + 1]);
    const auto low = hex_digits.find(word[i + 2]);
    if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
    const auto byte = static_cast<char>(static_cast<unsigned char>(high << 4 | low));
    if (is_plain(byte)) return std::nullopt;  // one way only to write a name
    out += byte;
    i += 2;
  }
  return out;
}

std::string folder_name(std::string_view group) {
  if (group.empty()) return "%";
  auto name = escape(group);
  if (name.front() == '.') name.replace(0, 1, "%2E");  // neither `..` nor a hidden folder
  if (name.size() <= longest_folder_name) return name;
  boost::uuids::name_generator_sha1 hash{boost::uuids::ns::oid()};
  // escape() never writes "%-".
  return name.substr(0, kept_of_longer) + "%-" + boost::uuids::to_string(hash(std::string{group}));
}

std::optional<std::string> group_of_folder(std::string_view name) {
  if (name == "%") return "";
  auto word = std::string{name};
  if (word.starts_with("%2E")) word.replace(0, 3, ".");
  auto group = unescape(word);
  return group && folder_name(*group) == name ? group : std::nullopt;
}

}  // namespace tidemark::file
