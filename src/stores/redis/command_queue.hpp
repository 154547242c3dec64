#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include <tidemark/stores/redis/argument.hpp>

#include "stores/redis/arguments.hpp"

namespace tidemark::detail {

/// The commands of a transaction, in the order in which they are to run, and the types that their keys must have before.
class RedisCommandQueue {
 public:
  /// More would exceed what Lua, and Redis before 7, can take.
  static constexpr std::size_t max_words_of_one = 7'000;
  static constexpr std::size_t max_words = 1'000'000;

  /// `name` is the first word in upper case.
  ///
  /// Errors: StoreError, not retryable, for more words than go into one command or one transaction.
  void add(std::string_view name, std::span<const RedisArgument> words);

  /// As the transaction script wants them: t; t times key, type; then each command as the number of its words, its words.
  void append_to(RedisArguments& arguments) const;

  std::size_t size() const { return size_; }
  /// The command at a place counted from 1, for messages: its name and its key.
  std::string shown(std::size_t place) const;

 private:
  void note_type(std::string_view name, std::span<const RedisArgument> words);

  std::size_t size_ = 0;
  RedisArguments words_;
  // Of keys that no command before has mentioned: one that deletes or renames may change the type on the way.
  std::map<std::string, std::string_view, std::less<>> types_;
  std::set<std::string, std::less<>> mentioned_;
  std::string last_typed_;  // looked at already: a batch mostly repeats a key
};

}  // namespace tidemark::detail
