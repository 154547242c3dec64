#include "stores/redis/command_queue.hpp"

#include <fmt/format.h>

#include <tidemark/error.hpp>

#include "stores/common/text.hpp"
#include "stores/redis/command_table.hpp"

namespace tidemark::detail {

namespace {

std::size_t number_at(std::string_view encoded, std::size_t& at) {
  std::size_t number = 0;
  for (++at; encoded[at] != '\r'; ++at) number = number * 10 + static_cast<std::size_t>(encoded[at] - '0');
  at += 2;
  return number;
}

std::string_view take_word(std::string_view encoded, std::size_t& at) {
  const auto size = number_at(encoded, at);
  const auto word = encoded.substr(at, size);
  at += size + 2;
  return word;
}

}  // namespace

void RedisCommandQueue::add(std::string_view name, std::span<const RedisArgument> words) {
  if (words.size() > max_words_of_one)
    throw StoreError{fmt::format("Redis store: {} with {} words: a command in a transaction may have {}; split it up",
                                 stores::quoted(name), words.size(), max_words_of_one),
                     StoreError::Retry::no};
  if (words_.count() + words.size() > max_words)
    throw StoreError{fmt::format("Redis store: the transaction's commands have more than {} words: lower "
                                 "BatchLimits::max_records",
                                 max_words),
                     StoreError::Retry::no};
  note_type(name, words);
  words_.add(static_cast<std::int64_t>(words.size()));
  for (const auto& word : words) words_.add(word.text());
  ++size_;
}

void RedisCommandQueue::note_type(std::string_view name, std::span<const RedisArgument> words) {
  const auto type = redis_type_for(name);
  if (type.empty()) {
    for (const auto& word : words.subspan(1)) mentioned_.emplace(word.text());
    return;
  }
  const auto key = words[1].text();
  if (key == last_typed_) return;
  last_typed_ = key;
  if (!types_.contains(key) && !mentioned_.contains(key)) types_.emplace(key, type);
}

void RedisCommandQueue::append_to(RedisArguments& arguments) const {
  arguments.add(static_cast<std::int64_t>(types_.size()));
  for (const auto& [key, type] : types_) {
    arguments.add(key);
    arguments.add(type);
  }
  arguments.add(words_);
}

std::string RedisCommandQueue::shown(std::size_t place) const {
  const std::string_view encoded{words_.encoded()};
  std::size_t at = 0;
  for (std::size_t command = 1; at < encoded.size(); ++command) {
    const auto count = take_word(encoded, at);
    std::size_t words = 0;
    for (const char digit : count) words = words * 10 + static_cast<std::size_t>(digit - '0');
    std::string text;
    for (std::size_t i = 0; i < words; ++i) {
      const auto word = take_word(encoded, at);
      if (i == 0) text = word;
      if (i == 1) text += ' ' + stores::quoted(word);
    }
    if (command == place) return text;
  }
  return "a command that was not queued";
}

}  // namespace tidemark::detail
