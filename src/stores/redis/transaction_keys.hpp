#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tidemark/stores/redis/argument.hpp>

#include "stores/redis/arguments.hpp"
#include "stores/redis/command_table.hpp"

namespace tidemark::detail {

class RedisClient;

/// The keys that a transaction in a cluster works on: all in one slot, and all declared to Redis.
///
/// While a slot is being moved, its keys are spread over two servers. Redis looks only at the declared keys when it decides where a script
/// may run, or that it must be tried again. A key that it was not told of is missing for the script, or comes into being twice.
/// Without a cluster there is nothing to keep.
class RedisTransactionKeys {
 public:
  RedisTransactionKeys(RedisClient& client, std::string_view group);

  /// The slot of the first key, and all others must be in it.
  std::optional<std::uint16_t> slot() const { return slot_; }

  /// A key that is declared by others.
  void set_slot(std::uint16_t slot) { slot_ = slot; }

  /// The keys of a command.
  ///
  /// Errors: StoreError, not retryable, for a key in another slot, which it names.
  void add(std::string_view name, const RedisCommandInfo& info, std::span<const RedisArgument> words);

  /// Asks the server for the keys of commands that only it can tell, such as ZUNIONSTORE and SORT … STORE: a round trip if there were any.
  ///
  /// Errors: as add(); StoreError for words that the server does not understand.
  void ask_for_movable();

  const RedisArguments& declared() const { return declared_; }

 private:
  struct Asked {
    std::string name;
    RedisArguments words;
  };

  void add_key(std::string_view name, std::string_view key);

  RedisClient& client_;
  std::string_view group_;
  bool is_cluster_;
  std::optional<std::uint16_t> slot_;
  std::set<std::string, std::less<>> keys_;
  std::string last_;  // added already: a batch mostly repeats a key
  RedisArguments declared_;
  std::vector<Asked> movable_;
  std::set<std::string, std::less<>> asked_;
};

}  // namespace tidemark::detail
