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

RedisCommandTable::RedisCommandTable(const RedisReply& answer) {
  if (answer.type() != Type::array) return;
  for (const auto& entry : answer.elements()) {
    if (entry.type() != Type::array || entry.elements().size() < 4) continue;
    const auto described = entry.elements();
    if (described[0].type() != Type::string || described[1].type() != Type::integer ||
        described[3].type() != Type::integer)
      continue;
    const auto name = redis_upper_case(described[0].text());
    // These change the database that whatever comes next in the script works on.
    const bool moves_away = name == "SELECT" || name == "SWAPDB";
    commands_[name] = {.arity = described[1].integer(),
                       .only_reads = has_flag(described[2], "readonly"),
                       .allowed_in_scripts = !has_flag(described[2], "noscript") && !moves_away,
                       .first_key = static_cast<std::size_t>(std::max<std::int64_t>(0, described[3].integer()))};
  }
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
