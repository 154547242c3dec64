#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace tidemark::core {

inline constexpr std::size_t longest_topic = 249;

inline bool is_topic_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

/// What Kafka takes for a topic's name: letters, digits, '.', '_' and '-', up to 249, but not "." and "..".
inline bool is_topic_name(std::string_view name) {
  return !name.empty() && name.size() <= longest_topic && name != "." && name != ".." &&
         std::ranges::all_of(name, is_topic_character);
}

}  // namespace tidemark::core
