#include "stores/redis/refusal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "stores/common/redacted.hpp"
#include "stores/common/text.hpp"

namespace tidemark::detail {

namespace {

struct Known {
  std::string_view start;
  RedisRemedy remedy;
  std::string_view hint;
};

using enum RedisRemedy;

constexpr std::array known{
    Known{"MOVED ", redirect, "the cluster's slots have moved; use redis+cluster:// for a cluster"},
    Known{"ASK ", ask, "the cluster is moving this slot: try again when that is done"},
    Known{"TRYAGAIN", repeat,
          "the cluster is moving this slot, and RedisOffsetStoreOptions::checkout_timeout was not enough for that"},
    Known{"CLUSTERDOWN", rediscover, "some slots of the cluster have no master: see CLUSTER INFO"},
    Known{"READONLY", rediscover,
          "the server is a replica: after a fail-over the new master is looked for, else check the address"},
    Known{"LOADING", retry, "the server is reading its data and serves again when that is done"},
    Known{"MASTERDOWN", rediscover, "the server is a replica without its master: check the address"},
    Known{"BUSY ", retry, "a script of somebody else blocks the server: see SCRIPT KILL"},
    Known{"OOM", retry, "the server has reached `maxmemory`: raise it, or remove keys"},
    Known{"MISCONF", retry, "the server cannot write its data to disk: see its log"},
    Known{"NOREPLICAS", retry, "fewer replicas are connected than `min-replicas-to-write` wants"},
    Known{"NOAUTH", fatal, "set RedisOffsetStoreOptions::password, or put it into the URL"},
    Known{"WRONGPASS", fatal, "check RedisOffsetStoreOptions::user and password"},
    Known{"NOPERM", fatal, "the user's ACL lacks a right: docs/redis.md lists what is needed"},
    // NOPERM as a script meets it, in Redis 6, in 7.0 and in later ones.
    Known{"The user executing the script", fatal, "the user's ACL lacks a right: docs/redis.md lists what is needed"},
    Known{"ERR The user executing the script", fatal,
          "the user's ACL lacks a right: docs/redis.md lists what is needed"},
    Known{"ERR ACL failure in script", fatal, "the user's ACL lacks a right: docs/redis.md lists what is needed"},
    Known{"WRONGTYPE", fatal, "the key holds something else than this command works on"},
    Known{"NOSCRIPT", send_script, "the script is not in the server's cache"},
    Known{"CROSSSLOT", fatal, "use a hash tag in RedisOffsetStoreOptions::key_pattern and in your keys"},
    Known{"DENIED", fatal, "the server is in protected mode: set a password there"},
    Known{"ERR max number of clients", reconnect,
          "raise `maxclients`, or lower RedisOffsetStoreOptions::max_connections"},
    Known{"ERR unknown command", fatal, "the server is too old, or has renamed or forbidden this command"},
    Known{"ERR DB index", fatal, "set RedisOffsetStoreOptions::database to one that the server has"},
    Known{"ERR SELECT is not allowed in cluster", fatal, "leave RedisOffsetStoreOptions::database at 0"},
    Known{"ERR invalid password", fatal, "check RedisOffsetStoreOptions::password"},
    Known{"ERR AUTH", fatal, "the server has no password, or no users: leave RedisOffsetStoreOptions::user empty"},
    Known{"ERR Client sent AUTH", fatal, "the server has no password: leave RedisOffsetStoreOptions::password empty"},
    Known{"ERR No such master", fatal,
          "check RedisOffsetStoreOptions::master, the name in the Sentinels' configuration"},
    Known{"ERR This instance has cluster support disabled", fatal, "use redis:// for a server that is no cluster"}};

// Before Redis 7 an error within a script arrives as "ERR Error running script (call to f_…): @user_script:1: WRONGTYPE …", or, where the
// script has looked at it, as "@user_script: 1: -READONLY …".
std::string_view unwrapped(std::string_view error) {
  constexpr std::string_view place = "@user_script";
  const auto at = error.find(place);
  if (at != 0 && !error.starts_with("ERR Error running script")) return error;
  if (at == std::string_view::npos) return error;
  const auto begin = error.find_first_not_of(": 0123456789", at + place.size());
  if (begin == std::string_view::npos) return error;
  error.remove_prefix(begin);
  if (error.starts_with('-')) error.remove_prefix(1);
  return error;
}

/// Of "MOVED 3999 127.0.0.1:6381"; before 7.0 a host can't be empty.
std::optional<RedisAddress> target_of(std::string_view error) {
  const auto colon = error.rfind(':');
  const auto space = error.rfind(' ', colon);
  if (colon == std::string_view::npos || space == std::string_view::npos) return std::nullopt;
  RedisAddress address{std::string{error.substr(space + 1, colon - space - 1)}, 0};
  const auto port = error.substr(colon + 1);
  const auto [rest, failure] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (failure != std::errc{} || rest != port.data() + port.size() || address.port == 0) return std::nullopt;
  return address;
}

/// Redis quotes the arguments of a command that it does not know, and that may be AUTH.
std::string_view without_arguments(std::string_view error) { return error.substr(0, error.find(", with args")); }

}  // namespace

RedisRefusal redis_refusal(std::string_view error) {
  error = unwrapped(error);
  const auto found = std::ranges::find_if(known, [&](const Known& entry) { return error.starts_with(entry.start); });
  if (found == known.end()) return {};
  RedisRefusal refusal{found->remedy, std::nullopt, found->hint};
  if (refusal.remedy == redirect || refusal.remedy == ask) {
    refusal.target = target_of(error);
    if (!refusal.target) refusal.remedy = rediscover;
  }
  return refusal;
}

StoreError redis_refused(std::string_view server, std::string_view action, std::string_view error,
                         std::string_view secret) {
  const auto refusal = redis_refusal(error);
  auto text = fmt::format("Redis store ({}): cannot {}: {}", server, action,
                          stores::quoted(stores::redacted(without_arguments(error), secret)));
  if (!refusal.hint.empty()) text.append("; ").append(refusal.hint);
  return StoreError{text, refusal.remedy == fatal ? StoreError::Retry::no : StoreError::Retry::yes};
}

}  // namespace tidemark::detail
