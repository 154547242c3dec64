#include "stores/redis/layout.hpp"

#include <algorithm>
#include <string>

#include <tidemark/error.hpp>

#include "stores/redis/slot.hpp"

namespace tidemark::detail {

namespace {

[[noreturn]] void refuse() {
  throw StoreError{"Redis store: the answer to CLUSTER SLOTS is not understood", StoreError::Retry::yes};
}

bool is_text(const RedisReply& reply) { return reply.type() == RedisReply::Type::string; }
bool is_integer(const RedisReply& reply, std::int64_t below) {
  return reply.type() == RedisReply::Type::integer && reply.integer() >= 0 && reply.integer() < below;
}

RedisAddress address_of(const RedisReply& node, const RedisAddress& asked) {
  constexpr std::int64_t ports = 65'536;
  if (node.type() != RedisReply::Type::array || node.elements().size() < 2 || !is_integer(node.elements()[1], ports))
    refuse();
  const auto& host = node.elements()[0];
  const bool is_named = is_text(host) && !host.text().empty() && host.text() != "?";
  return {is_named ? std::string{host.text()} : asked.host, static_cast<std::uint16_t>(node.elements()[1].integer())};
}

}  // namespace

RedisLayout redis_layout(const RedisReply& cluster_slots, const RedisAddress& asked) {
  if (cluster_slots.type() != RedisReply::Type::array) refuse();
  RedisLayout layout{{}, std::vector<std::uint16_t>(redis_slots, RedisLayout::nobody)};
  for (const auto& range : cluster_slots.elements()) {
    if (range.type() != RedisReply::Type::array || range.elements().size() < 3) refuse();
    const auto& first = range.elements()[0];
    const auto& last = range.elements()[1];
    if (!is_integer(first, redis_slots) || !is_integer(last, redis_slots)) refuse();
    const auto master = address_of(range.elements()[2], asked);
    const auto known = std::ranges::find(layout.masters, master);
    const auto index = static_cast<std::uint16_t>(known - layout.masters.begin());
    if (known == layout.masters.end()) layout.masters.push_back(master);
    for (auto slot = first.integer(); slot <= last.integer(); ++slot)
      layout.master_of_slot[static_cast<std::size_t>(slot)] = index;
  }
  return layout;
}

}  // namespace tidemark::detail
