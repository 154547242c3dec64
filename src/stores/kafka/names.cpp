#include "stores/kafka/names.hpp"

#include <cstddef>

#include <fmt/format.h>

#include <tidemark/error.hpp>

#include "stores/common/topic_name.hpp"

namespace tidemark::kafka {

namespace {

/// How many bytes the first character of `text` has; 0 where it is none.
std::size_t length_of_first(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto first = byte(0);
  const std::size_t length = first < 0x80   ? 1
                             : first < 0xC2 ? 0
                             : first < 0xE0 ? 2
                             : first < 0xF0 ? 3
                             : first < 0xF5 ? 4
                                            : 0;
  if (length == 0 || length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xC0) != 0x80) return 0;
  // What a shorter form exists for, surrogates, and what lies beyond Unicode's end.
  const auto second = length > 1 ? byte(1) : 0x80;
  const bool bad = (first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
                   (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F);
  return bad ? 0 : length;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const auto length = length_of_first(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace

void require_topic_name(std::string_view topic) {
  if (stores::is_topic_name(topic)) return;
  throw StoreError{fmt::format("\"{}\" is no name for a Kafka topic: use up to {} letters, digits, '.', '_' and '-'",
                               is_utf8(topic) ? topic : "(not UTF-8)", stores::longest_topic),
                   StoreError::Retry::no};
}

std::string group_name(std::string_view group) {
  if (group.find('\0') == std::string_view::npos && is_utf8(group)) return std::string{group};
  throw StoreError{
      "the group's name is not UTF-8, or has a null character in it, and cannot be sent to Kafka; correct it",
      StoreError::Retry::no};
}

}  // namespace tidemark::kafka
