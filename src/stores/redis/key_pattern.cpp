#include "stores/redis/key_pattern.hpp"

#include <fmt/format.h>

#include <algorithm>

#include <tidemark/error.hpp>

#include "core/topic_name.hpp"
#include "stores/common/text.hpp"

namespace tidemark::detail {

namespace {

constexpr std::string_view topic_mark = "<topic>";
constexpr std::string_view group_mark = "<group>";
constexpr std::string_view notes_mark = "#failed-commands";  // a topic has no '#'

bool occurs_once(std::string_view text, std::string_view part) {
  const auto at = text.find(part);
  return at != std::string_view::npos && text.find(part, at + 1) == std::string_view::npos;
}

std::string escaped_for_glob(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (std::string_view{"*?[]\\^-"}.find(c) != std::string_view::npos) escaped += '\\';
    escaped += c;
  }
  return escaped;
}

}  // namespace

RedisKeyPattern::RedisKeyPattern(std::string_view pattern, bool is_cluster) : text_{pattern}, is_cluster_{is_cluster} {
  if (!occurs_once(pattern, topic_mark) || !occurs_once(pattern, group_mark))
    throw ConfigError{
        fmt::format("RedisOffsetStoreOptions::key_pattern is {}, but must contain <topic> and <group>, each once: "
                    "kafka:topic:<topic>:<group> is the default",
                    stores::quoted(pattern))};
  const auto topic = pattern.find(topic_mark);
  const auto group = pattern.find(group_mark);
  topic_first_ = topic < group;
  const auto first = std::min(topic, group);
  const auto second = std::max(topic, group);
  head_ = pattern.substr(0, first);
  middle_ = pattern.substr(first + topic_mark.size(), second - first - topic_mark.size());
  tail_ = pattern.substr(second + topic_mark.size());
  if (std::ranges::all_of(middle_, core::is_topic_character))
    throw ConfigError{fmt::format(
        "RedisOffsetStoreOptions::key_pattern is {}: between <topic> and <group> must stand a character that "
        "no topic's name has, such as ':', or the keys of different names could be the same",
        stores::quoted(pattern))};
}

std::string RedisKeyPattern::before(std::string_view group) const {
  return topic_first_ ? head_ : head_ + std::string{group} + middle_;
}

std::string RedisKeyPattern::after(std::string_view group) const {
  return topic_first_ ? middle_ + std::string{group} + tail_ : tail_;
}

std::string RedisKeyPattern::key(std::string_view topic, std::string_view group) const {
  if (!core::is_topic_name(topic))
    throw StoreError{
        fmt::format("Redis store: {} is not a topic's name: Kafka allows 1 to {} letters, digits, '.', '_' "
                    "and '-', but not \".\" and \"..\"",
                    stores::quoted(topic), core::longest_topic),
        StoreError::Retry::no};
  if (group.ends_with(notes_mark))
    throw StoreError{fmt::format("Redis store: the group {} ends with {}, which marks keys of the store's own: choose "
                                 "another name",
                                 stores::quoted(group), notes_mark),
                     StoreError::Retry::no};
  std::string key;
  key.reserve(head_.size() + middle_.size() + tail_.size() + topic.size() + group.size());
  key.append(head_).append(topic_first_ ? topic : group);
  return key.append(middle_).append(topic_first_ ? group : topic).append(tail_);
}

std::string RedisKeyPattern::notes_key(std::string_view key) const {
  auto notes = std::string{key}.append(notes_mark);  // keeps a hash tag, and needs no other without a cluster
  // Without a tag the whole key is hashed, so it is made a tag. One with a brace in it can't be; a number will do.
  std::string tag{key};
  for (std::uint32_t number = 0; slot(notes) != slot(key); tag = std::to_string(number++))
    notes = fmt::format("{}{}:{{{}}}{}", head_, notes_mark, tag, tag == key ? "" : key);
  return notes;
}

std::optional<std::string> RedisKeyPattern::topic_of(std::string_view key, std::string_view group) const {
  const auto start = before(group);
  const auto end = after(group);
  if (key.size() < start.size() + end.size() || !key.starts_with(start) || !key.ends_with(end)) return std::nullopt;
  const auto topic = key.substr(start.size(), key.size() - start.size() - end.size());
  if (!core::is_topic_name(topic)) return std::nullopt;
  return std::string{topic};
}

std::optional<std::string> RedisKeyPattern::group_of(std::string_view key) const {
  if (key.size() < head_.size() + middle_.size() + tail_.size() || !key.starts_with(head_) || !key.ends_with(tail_))
    return std::nullopt;
  const auto names = key.substr(head_.size(), key.size() - head_.size() - tail_.size());
  // The character between them that no topic has tells where the topic ends, whatever the group's name is.
  const auto is_other = [](char c) { return !core::is_topic_character(c); };
  if (topic_first_) {
    const auto other = std::ranges::find_if(names, is_other) - names.begin();
    const auto place = std::ranges::find_if(middle_, is_other) - middle_.begin();
    if (other < place || !names.substr(static_cast<std::size_t>(other - place)).starts_with(middle_))
      return std::nullopt;
    const std::string group{names.substr(static_cast<std::size_t>(other - place) + middle_.size())};
    return topic_of(key, group) && !group.ends_with(notes_mark) ? std::optional{group} : std::nullopt;
  }
  const auto other = std::ranges::find_if(names.rbegin(), names.rend(), is_other) - names.rbegin();
  const auto place = std::find_if(middle_.rbegin(), middle_.rend(), is_other) - middle_.rbegin();
  if (other < place || !names.substr(0, names.size() - static_cast<std::size_t>(other - place)).ends_with(middle_))
    return std::nullopt;
  const std::string group{names.substr(0, names.size() - static_cast<std::size_t>(other - place) - middle_.size())};
  return topic_of(key, group) && !group.ends_with(notes_mark) ? std::optional{group} : std::nullopt;
}

std::string RedisKeyPattern::glob() const {
  return fmt::format("{}*{}*{}", escaped_for_glob(head_), escaped_for_glob(middle_), escaped_for_glob(tail_));
}

std::string RedisKeyPattern::glob(std::string_view group) const {
  return escaped_for_glob(before(group)) + '*' + escaped_for_glob(after(group));
}

}  // namespace tidemark::detail
