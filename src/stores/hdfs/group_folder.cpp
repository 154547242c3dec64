#include "stores/hdfs/group_folder.hpp"

#include <fmt/format.h>
#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/uuid_io.hpp>

namespace tidemark::hdfs {

namespace {

// Both kinds of file system end at 255 bytes; the rest of a longer name is told by its hash.
constexpr std::size_t longest_name = 200;
constexpr std::size_t kept_of_longer = 120;

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

}  // namespace

// Not with '%', which older name nodes decode once too often.
std::string group_folder(std::string_view group) {
  if (group.empty()) return "=";
  std::string name;
  for (const char c : group) {
    if (is_plain(c) && !(name.empty() && c == '.'))
      name += c;
    else
      name += fmt::format("={:02X}", static_cast<unsigned char>(c));
  }
  if (name.size() <= longest_name) return name;
  boost::uuids::name_generator_sha1 hash{boost::uuids::ns::oid()};
  // No name that is written in full has "=-" in it.
  return name.substr(0, kept_of_longer) + "=-" + boost::uuids::to_string(hash(std::string{group}));
}

std::optional<std::string> group_of_folder(std::string_view name) {
  if (name == "=") return "";
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string group;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] != '=') {
      group += name[i];
      continue;
    }
    const auto high = i + 2 < name.size() ? digits.find(name[i + 1]) : std::string_view::npos;
    const auto low = i + 2 < name.size() ? digits.find(name[i + 2]) : std::string_view::npos;
    if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
    group += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return group_folder(group) == name ? std::optional{group} : std::nullopt;
}

}  // namespace tidemark::hdfs
