#include "stores/zookeeper/layout.hpp"

#include <fmt/format.h>

#include <tidemark/error.hpp>

#include "stores/zookeeper/text.hpp"

namespace tidemark::detail {

namespace {

/// The first character of `text`, which it takes off; nullopt where that is no UTF-8.
std::optional<char32_t> next_character(std::string_view& text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto length = byte(0) < 0x80         ? 1U
                      : byte(0) >> 5 == 0x6  ? 2U
                      : byte(0) >> 4 == 0xe  ? 3U
                      : byte(0) >> 3 == 0x1e ? 4U
                                             : 0U;
  if (length == 0 || length > text.size()) return std::nullopt;
  constexpr char32_t lowest[]{0, 0, 0x80, 0x800, 0x10000};
  char32_t character = length == 1 ? byte(0) : byte(0) & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return std::nullopt;
    character = character << 6 | (byte(i) & 0x3fU);
  }
  if (character < lowest[length]) return std::nullopt;
  text.remove_prefix(length);
  return character;
}

bool is_forbidden(char32_t character) {
  return character <= 0x1f || (character >= 0x7f && character <= 0x9f) ||
         (character >= 0xd800 && character <= 0xf8ff) || character >= 0xfff0;
}

std::string_view checked(const char* what, std::string_view name) {
  if (const auto* fault = zookeeper_name_fault(name))
    throw StoreError{
        fmt::format("ZooKeeper store: the {} {} cannot be kept in ZooKeeper: {}; rename it, or use another store", what,
                    zookeeper_shown(name), fault),
        StoreError::Retry::no};
  return name;
}

}  // namespace

const char* zookeeper_name_fault(std::string_view name) {
  if (name.empty()) return "the name is empty";
  if (name == "." || name == "..") return "the name stands for a path";
  while (!name.empty()) {
    const auto character = next_character(name);
    if (!character) return "the name is no UTF-8";
    if (*character == '/') return "the name contains a slash";
    if (is_forbidden(*character)) return "the name contains a character that ZooKeeper forbids in paths";
  }
  return nullptr;
}

std::string ZooKeeperLayout::group(std::string_view group) const {
  return fmt::format("{}/{}/offsets", root_, checked("group", group));
}

std::string ZooKeeperLayout::topic(std::string_view group, std::string_view topic) const {
  return fmt::format("{}/{}/offsets/{}", root_, checked("group", group), checked("topic", topic));
}

std::string ZooKeeperLayout::partition(std::string_view topic_path, std::int32_t partition) {
  const fmt::format_int number{partition};
  std::string path;
  path.reserve(topic_path.size() + 1 + number.size());
  path.append(topic_path).append(1, '/').append(number.data(), number.size());
  return path;
}

std::vector<std::string> ZooKeeperLayout::lineage(std::string_view path) {
  std::vector<std::string> above;
  for (auto slash = path.find('/', 1); slash != std::string_view::npos; slash = path.find('/', slash + 1))
    above.emplace_back(path.substr(0, slash));
  above.emplace_back(path);
  return above;
}

}  // namespace tidemark::detail
