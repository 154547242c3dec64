#include "stores/redis/command_table.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace tidemark::detail {

namespace {

using Type = RedisReply::Type;

struct Typed {
  std::string_view name;
  std::string_view type;
};

// Sorted by name.
constexpr std::array typed{
    Typed{"APPEND", "string"},      Typed{"DECR", "string"},   Typed{"DECRBY", "string"},     Typed{"GEOADD", "zset"},
    Typed{"HDEL", "hash"},          Typed{"HINCRBY", "hash"},  Typed{"HINCRBYFLOAT", "hash"}, Typed{"HMSET", "hash"},
    Typed{"HSET", "hash"},          Typed{"HSETNX", "hash"},   Typed{"INCR", "string"},       Typed{"INCRBY", "string"},
    Typed{"INCRBYFLOAT", "string"}, Typed{"LINSERT", "list"},  Typed{"LPOP", "list"},         Typed{"LPUSH", "list"},
    Typed{"LPUSHX", "list"},        Typed{"LREM", "list"},     Typed{"LSET", "list"},         Typed{"LTRIM", "list"},
    Typed{"PFADD", "string"},       Typed{"RPOP", "list"},     Typed{"RPUSH", "list"},        Typed{"RPUSHX", "list"},
    Typed{"SADD", "set"},           Typed{"SETBIT", "string"}, Typed{"SETRANGE", "string"},   Typed{"SPOP", "set"},
    Typed{"SREM", "set"},           Typed{"XADD", "stream"},   Typed{"XDEL", "stream"},       Typed{"XTRIM", "stream"},
    Typed{"ZADD", "zset"},          Typed{"ZINCRBY", "zset"},  Typed{"ZREM", "zset"}};
static_assert(std::ranges::is_sorted(typed, {}, &Typed::name));

bool has_flag(const RedisReply& flags, std::string_view flag) {
  return flags.type() == Type::array && std::ranges::any_of(flags.elements(), [&](const RedisReply& each) {
           return each.type() == Type::status && each.text() == flag;
         });
}

}  // namespace

std::string redis_upper_case(std::string_view name) {
  std::string upper{name};
  for (char& c : upper)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return upper;
}

std::vector<std::size_t> RedisCommandInfo::key_places(std::size_t words) const {
  std::vector<std::size_t> places;
  const auto count = static_cast<std::int64_t>(words);
  const auto last = std::min(last_key < 0 ? count + last_key : last_key, count - 1);
  for (auto place = first_key; place > 0 && place <= last; place += std::max<std::int64_t>(key_step, 1))
    places.push_back(static_cast<std::size_t>(place));
  return places;
}

RedisCommandTable::RedisCommandTable(const RedisReply& answer) {
  if (answer.type() != Type::array) return;
  for (const auto& entry : answer.elements()) add(entry);
}

void RedisCommandTable::add(const RedisReply& described) {
  // Name, arity, flags, first key, last key, step; from Redis 7 on also categories, tips, key specifications, subcommands.
  constexpr std::size_t keys_end = 6;
  constexpr std::size_t subcommands = 9;
  if (described.type() != Type::array || described.elements().size() < keys_end) return;
  const auto entry = described.elements();
  const auto is_integer = [&](std::size_t place) { return entry[place].type() == Type::integer; };
  if (entry[0].type() != Type::string || !is_integer(1) || !is_integer(3) || !is_integer(4) || !is_integer(5)) return;
  const auto name = redis_upper_case(entry[0].text());
  // These change, or empty, the database that whatever comes next in the script works on.
  const bool is_about_databases = name == "SELECT" || name == "SWAPDB" || name == "FLUSHDB" || name == "FLUSHALL";
  const bool has_subcommands =
      entry.size() > subcommands && entry[subcommands].type() == Type::array && !entry[subcommands].elements().empty();
  commands_[name] = {.arity = entry[1].integer(),
                     .only_reads = has_flag(entry[2], "readonly"),
                     .allowed_in_scripts = !has_flag(entry[2], "noscript") && !is_about_databases,
                     .has_subcommands = has_subcommands,
                     .has_movable_keys = has_flag(entry[2], "movablekeys"),
                     .first_key = entry[3].integer(),
                     .last_key = entry[4].integer(),
                     .key_step = entry[5].integer()};
  if (has_subcommands)
    for (const auto& each : entry[subcommands].elements()) add(each);
}

const RedisCommandInfo* RedisCommandTable::find(std::string_view name) const {
  const auto found = commands_.find(name);
  return found == commands_.end() ? nullptr : &found->second;
}

std::string_view redis_type_for(std::string_view name) {
  const auto found = std::ranges::lower_bound(typed, name, {}, &Typed::name);
  return found != typed.end() && found->name == name ? found->type : std::string_view{};
}

}  // namespace tidemark::detail
