#include <tidemark/stores/redis/durability.hpp>

#include <fmt/format.h>

namespace tidemark {

bool RedisDurability::survives_power_loss() const { return appendonly == "yes" && appendfsync == "always"; }

bool RedisDurability::keeps_keys() const { return maxmemory_policy && !maxmemory_policy->starts_with("allkeys"); }

std::string RedisDurability::text() const {
  if (!appendonly || !appendfsync || !maxmemory_policy)
    return "durability unknown: the user may not ask the server (CONFIG GET)";
  auto text =
      fmt::format("appendonly {}, appendfsync {}, maxmemory-policy {}", *appendonly, *appendfsync, *maxmemory_policy);
  if (*appendonly != "yes")
    text += ": a crash of Redis loses commits; set `appendonly yes`";
  else if (*appendfsync != "always")
    text += ": a power cut loses the latest commits; set `appendfsync always`";
  if (!keeps_keys()) text += ": Redis may evict offsets; set `maxmemory-policy noeviction`";
  return text;
}

}  // namespace tidemark
