#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <tidemark/stores/redis/reply.hpp>

namespace tidemark::detail {

/// What is to be known of a command before it is sent in a script.
struct RedisCommandInfo {
  std::int64_t arity = 0;  ///< How many words, its name included; negative: at least so many.
  bool only_reads = false;
  bool allowed_in_scripts = true;
  bool has_subcommands =
      false;  ///< Then its second word belongs to the name: XGROUP CREATE is described as "XGROUP|CREATE".
  bool has_movable_keys =
      false;  ///< Where its keys are depends on the words, so only the server can tell: COMMAND GETKEYS.

  // The places of its keys among the words: the first, the last (from the end where negative), and how far apart. No keys: 0.
  std::int64_t first_key = 0;
  std::int64_t last_key = 0;
  std::int64_t key_step = 1;

  /// The places of its keys among so many words, unless they are movable.
  std::vector<std::size_t> key_places(std::size_t words) const;

  bool takes(std::size_t words) const {
    return arity >= 0 ? static_cast<std::int64_t>(words) == arity : static_cast<std::int64_t>(words) >= -arity;
  }
};

/// The commands of a server, as it describes them itself: modules and renamed commands included.
class RedisCommandTable {
 public:
  /// From the answer to COMMAND. What is not understood is left out.
  explicit RedisCommandTable(const RedisReply& answer);

  /// `name` in upper case, a subcommand's as "XGROUP|CREATE"; nullptr for a command that the server does not have.
  const RedisCommandInfo* find(std::string_view name) const;

 private:
  void add(const RedisReply& described);

  std::map<std::string, RedisCommandInfo, std::less<>> commands_;
};

std::string redis_upper_case(std::string_view name);

/// The type that the key of a writing command must have, such as "hash" for HINCRBY; empty where that is not known. `name` in
/// upper case; the key is its first argument.
std::string_view redis_type_for(std::string_view name);

}  // namespace tidemark::detail
