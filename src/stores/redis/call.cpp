#include "stores/redis/call.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "stores/redis/refusal.hpp"

namespace tidemark::detail {

namespace {

// A slot that moves answers ASK, then MOVED; a restarted server NOSCRIPT. More than a few are a circle.
constexpr int max_rounds = 6;

}  // namespace

struct RedisCaller::Pending {
  RedisCall* call;
  std::optional<RedisAddress> target{};  ///< Named by another server.
  bool is_asking = false;
  bool needs_script = false;

  void append_to(std::string& out) const {
    if (is_asking) out += redis_command("ASKING");
    if (call->script == nullptr) return call->arguments.append_command_to(out);
    RedisArguments whole;
    whole.add(needs_script ? "EVAL" : "EVALSHA");
    whole.add(needs_script ? call->script->text : call->script->sha1);
    whole.add(call->arguments);
    whole.append_command_to(out);
  }
};

struct RedisCaller::Round {
  std::string_view action;
  bool wait = false;
  std::vector<Pending> again{};
  std::optional<std::int64_t> replicas{};
};

std::optional<std::int64_t> RedisCaller::run(std::span<RedisCall> calls, std::string_view action, bool wait) {
  Round round{action, wait};
  std::vector<Pending> pending;
  for (auto& call : calls) pending.push_back({&call});
  for (int i = 0; !pending.empty(); ++i) {
    if (i == max_rounds)
      throw StoreError{fmt::format("Redis store ({}): cannot {}: servers point at each other in a circle: see CLUSTER "
                                   "NODES",
                                   pending.front().call->server, action),
                       StoreError::Retry::yes};
    std::vector<std::pair<RedisAddress, Pending*>> by_server;
    for (auto& each : pending)
      by_server.emplace_back(each.target ? *each.target : servers_.master_of(each.call->slot), &each);
    std::ranges::stable_sort(by_server, {}, [](const auto& entry) { return entry.first; });
    std::vector<Pending*> group;
    for (std::size_t at = 0; at < by_server.size(); ++at) {
      group.push_back(by_server[at].second);
      if (at + 1 < by_server.size() && by_server[at + 1].first == by_server[at].first) continue;
      send(group, round);
      group.clear();
    }
    pending = std::exchange(round.again, {});
  }
  for (const auto& call : calls)
    if (call.reply.is_error()) throw redis_refused(call.server, action, call.reply.text());
  return round.replicas;
}

void RedisCaller::send(std::span<Pending*> group, Round& round) {
  const auto& first = *group.front();
  auto lease = first.target ? servers_.lease_at(*first.target) : servers_.lease(first.call->slot);
  std::string commands;
  for (const auto* each : group) each->append_to(commands);
  if (round.wait)
    commands +=
        redis_command("WAIT", std::int64_t{options_.wait_replicas}, std::int64_t{options_.wait_timeout.count()});
  const auto asking = static_cast<std::size_t>(std::ranges::count(group, true, &Pending::is_asking));
  auto replies =
      lease->exchange(commands, group.size() + asking + (round.wait ? 1 : 0),
                      options_.command_timeout + (round.wait ? options_.wait_timeout : std::chrono::milliseconds{0}));

  auto reply = replies.begin();
  for (auto* each : group) {
    if (each->is_asking) ++reply;
    each->call->reply = std::move(*reply++);
    each->call->server = lease->server();
    if (!each->call->reply.is_error()) continue;
    const auto refusal = redis_refusal(each->call->reply.text());
    Pending next{each->call};
    if (refusal.target) {
      next.target = *refusal.target;
      if (next.target->host.empty()) next.target->host = lease.address().host;
    }
    next.needs_script = each->needs_script || refusal.remedy == RedisRemedy::send_script;
    next.is_asking = refusal.remedy == RedisRemedy::ask;
    switch (refusal.remedy) {
      case RedisRemedy::redirect:
      case RedisRemedy::ask:
        if (options_.topology != RedisTopology::cluster)
          throw StoreError{
              fmt::format("Redis store ({}): cannot {}: the server belongs to a cluster: use redis+cluster:// "
                          "or RedisTopology::cluster",
                          lease->server(), round.action),
              StoreError::Retry::no};
        if (refusal.remedy == RedisRemedy::redirect) servers_.mark_stale();
        round.again.push_back(next);
        break;
      case RedisRemedy::send_script:
        next.target = each->target;
        next.is_asking = each->is_asking;
        round.again.push_back(next);
        break;
      case RedisRemedy::rediscover:
        servers_.mark_stale();
        [[fallthrough]];
      default:
        lease->mark_broken();
    }
  }
  if (!round.wait) return;
  if (reply->is_error()) throw redis_refused(lease->server(), "wait for replicas", reply->text());
  round.replicas = std::min(round.replicas.value_or(reply->integer()), reply->integer());
}

}  // namespace tidemark::detail
