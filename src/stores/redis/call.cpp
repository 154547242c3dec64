#include "stores/redis/call.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <random>
#include <utility>

#include "core/backoff.hpp"
#include "stores/common/waiting.hpp"

namespace tidemark::detail {

namespace {

// A slot that moves answers ASK, then MOVED; a restarted server NOSCRIPT. More than a few are a circle.
constexpr int max_hops = 6;

/// Pauses while a slot's keys are spread over two servers. Moving one key takes well under a millisecond.
StoreRetry pauses(const RedisOffsetStoreOptions& options) {
  using namespace std::chrono_literals;
  return {.first_delay = 2ms, .max_delay = 100ms, .give_up_after = options.checkout_timeout};
}

bool is_final(const RedisCall& call) {
  return call.may_be_refused && call.reply.is_error() && redis_refusal(call.reply.text()).remedy == RedisRemedy::fatal;
}

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
    whole.add(static_cast<std::int64_t>(call->keys.count()));
    whole.add(call->keys);
    whole.add(call->arguments);
    whole.append_command_to(out);
  }
};

struct RedisCaller::Round {
  std::string_view action;
  RedisPatience patience;  // for all that is waited for before a command goes out
  core::Backoff pauses;
  bool wait = false;
  std::vector<Pending> again{};
  bool must_pause = false;
  std::optional<std::int64_t> replicas{};
};

std::optional<std::int64_t> RedisCaller::run(std::span<RedisCall> calls, std::string_view action, bool wait) {
  Round round{action, RedisPatience{options_}, core::Backoff{pauses(options_)}, wait};
  std::vector<Pending> pending;
  for (auto& call : calls) pending.push_back({&call});
  for (int hops = 0; !pending.empty();) {
    if (hops == max_hops)
      throw StoreError{fmt::format("Redis store ({}): cannot {}: servers point at each other in a circle: see CLUSTER "
                                   "NODES",
                                   pending.front().call->server, action),
                       StoreError::Retry::yes};
    for (const auto& group : by_server(pending, round)) send(group, round);
    pending = std::exchange(round.again, {});
    if (!std::exchange(round.must_pause, false)) {
      ++hops;
      continue;
    }
    hops = 0;
    const auto pause = round.pauses.next(stores::Deadline::Clock::now(), std::random_device{}());
    if (!pause || *pause >= round.patience.waiting().left()) break;  // the answer is TRYAGAIN
    stores::sleep_for(*pause);
  }
  for (const auto& call : calls)
    if (call.reply.is_error() && !is_final(call)) throw redis_refused(call.server, action, call.reply.text());
  return round.replicas;
}

std::vector<RedisCaller::Group> RedisCaller::by_server(std::vector<Pending>& pending, const Round& round) {
  std::map<RedisAddress, Group> groups;
  for (auto& each : pending) {
    const auto server = each.target ? *each.target : servers_.master_of(each.call->slot, round.patience);
    groups[server].push_back(&each);
  }
  std::vector<Group> sorted;
  for (auto& [server, group] : groups) sorted.push_back(std::move(group));
  return sorted;
}

void RedisCaller::send(const Group& group, Round& round) {
  auto lease = lease_for(group, round);
  const auto asking = static_cast<std::size_t>(std::ranges::count(group, true, &Pending::is_asking));
  auto replies =
      lease->exchange(commands_of(group, round), group.size() + asking + (round.wait ? 1 : 0),
                      options_.command_timeout + (round.wait ? options_.wait_timeout : std::chrono::milliseconds{0}));
  auto reply = replies.begin();
  for (const auto* each : group) {
    if (each->is_asking) ++reply;
    each->call->reply = std::move(*reply++);
    each->call->server = lease->server();
    look_at(*each, lease, round);
  }
  if (round.wait) note_replicas(*reply, lease, round);
}

void RedisCaller::look_at(const Pending& answered, const RedisLease& lease, Round& round) {
  const auto& reply = answered.call->reply;
  const auto error = redis_error_in(reply);
  if (!error.is_error() || is_final(*answered.call)) return;
  const auto refusal = redis_refusal(error.text());
  if (reply.is_error()) return follow(answered, refusal, lease, round);
  // What a script met is no longer to be followed, but says as much about the server.
  if (refusal.remedy == RedisRemedy::rediscover) follow(answered, refusal, lease, round);
}

RedisLease RedisCaller::lease_for(const Group& group, const Round& round) {
  const auto& first = *group.front();
  return first.target ? servers_.lease_at(*first.target, round.patience)
                      : servers_.lease(first.call->slot, round.patience);
}

std::string RedisCaller::commands_of(const Group& group, const Round& round) const {
  std::string commands;
  for (const auto* each : group) each->append_to(commands);
  if (round.wait)
    commands +=
        redis_command("WAIT", std::int64_t{options_.wait_replicas}, std::int64_t{options_.wait_timeout.count()});
  return commands;
}

/// Whom to ask next, after a refusal; or that the connection, or what is known of the servers, is of no use any more.
void RedisCaller::follow(const Pending& refused, const RedisRefusal& refusal, const RedisLease& lease, Round& round) {
  Pending next{refused.call};
  next.needs_script = refused.needs_script;
  switch (refusal.remedy) {
    case RedisRemedy::redirect:
    case RedisRemedy::ask:
      if (options_.topology != RedisTopology::cluster)
        throw StoreError{
            fmt::format("Redis store ({}): cannot {}: the server belongs to a cluster: use redis+cluster:// "
                        "or RedisTopology::cluster",
                        lease->server(), round.action),
            StoreError::Retry::no};
      next.target = *refusal.target;
      if (next.target->host.empty()) next.target->host = lease.address().host;
      next.is_asking = refusal.remedy == RedisRemedy::ask;
      if (!next.is_asking) servers_.forget_layout();
      return round.again.push_back(next);
    case RedisRemedy::send_script:
      next.needs_script = true;
      next.target = refused.target;
      next.is_asking = refused.is_asking;
      return round.again.push_back(next);
    case RedisRemedy::repeat:  // from the slot's master on: the keys are on their way from there
      round.must_pause = true;
      return round.again.push_back(next);
    case RedisRemedy::rediscover:
      servers_.mark_wrong(lease.address());
      [[fallthrough]];
    default:
      lease->mark_broken();
  }
}

void RedisCaller::note_replicas(const RedisReply& told, const RedisLease& lease, Round& round) {
  if (told.is_error()) throw redis_refused(lease->server(), "wait for replicas", told.text());
  round.replicas = std::min(round.replicas.value_or(told.integer()), told.integer());
}

}  // namespace tidemark::detail
