#include "stores/redis/client.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include <tidemark/error.hpp>

#include "stores/redis/options_check.hpp"
#include "stores/redis/plan.hpp"

namespace tidemark::detail {

RedisClient::RedisClient(const RedisOffsetStoreOptions& options)
    : options_{checked(options)},
      pattern_{options.key_pattern, options.topology == RedisTopology::cluster},
      servers_{options_},
      caller_{servers_, options_},
      durability_{look_at_durability()} {}

const RedisCommandTable& RedisClient::commands() {
  const std::lock_guard lock{commands_mutex_};
  if (!commands_) {
    RedisCall call;
    call.arguments.add("COMMAND");
    caller_.run({&call, 1}, "ask for the server's commands");
    commands_.emplace(call.reply);
  }
  return *commands_;
}

/// Of the weakest master. Also the first contact, which shows at once what is wrong with the options.
RedisDurability RedisClient::look_at_durability() {
  std::optional<RedisDurability> weakest;
  const auto worth = [](const RedisDurability& durability) {
    return (durability.keeps_keys() ? 1 : 0) + (durability.survives_power_loss() ? 2 : 0);
  };
  const auto look = [&](RedisLease lease) {
    auto found = redis_durability(*lease, options_.command_timeout);
    if (!weakest || worth(found) < worth(*weakest)) weakest = std::move(found);
  };
  // Each server is tried once: a wrong address or a server that is down shows at once. Only a fail-over is waited for.
  const auto masters = servers_.masters(RedisPatience{options_});
  if (options_.topology == RedisTopology::sentinel)
    look(servers_.lease(0, RedisPatience{options_}));
  else
    for (const auto& master : masters) look(servers_.lease_at(master, RedisPatience{options_}));
  return weakest.value_or(RedisDurability{});
}

std::vector<std::optional<std::int64_t>> RedisClient::load(std::string_view group,
                                                           std::span<const TopicPartition> partitions) {
  const auto hashes = redis_chunks(
      pattern_, group, partitions.size(), [&](std::size_t i) -> const TopicPartition& { return partitions[i]; },
      std::nullopt);
  std::vector<RedisCall> calls;
  for (const auto& hash : hashes) {
    RedisCall call{hash.slot};
    call.arguments.add("HMGET");
    call.arguments.add(hash.key);
    for (const auto place : hash.places) call.arguments.add(std::int64_t{partitions[place].partition});
    calls.push_back(std::move(call));
  }
  caller_.run(calls, "load offsets");

  std::vector<std::optional<std::int64_t>> offsets(partitions.size());
  for (std::size_t h = 0; h < hashes.size(); ++h) {
    const auto values = calls[h].reply.elements();
    const auto& [key, slot, places] = hashes[h];
    if (values.size() != places.size())
      throw StoreError{fmt::format("Redis store ({}): {} values were asked for and {} came", calls[h].server,
                                   places.size(), values.size()),
                       StoreError::Retry::yes};
    for (std::size_t i = 0; i < places.size(); ++i)
      offsets[places[i]] = stored_offset(values[i], key, partitions[places[i]].partition);
  }
  return offsets;
}

std::optional<Conflict> RedisClient::commit(std::string_view group, std::span<const OffsetRange> ranges) {
  if (ranges.empty()) return std::nullopt;
  RedisPlan plan{redis_chunks(pattern_, group, ranges), redis_commit_script,
                 [&](RedisArguments& arguments, const RedisChunk& chunk) { append_ranges(arguments, chunk, ranges); }};
  std::optional<std::int64_t> replicas;
  try {
    replicas = caller_.run(plan.calls(), "commit offsets", options_.wait_replicas > 0);
  } catch (const RedisLost&) {
    if (is_all_stored(group, ranges)) return std::nullopt;
    throw;
  }
  for (const auto& call : plan.calls())
    if (call.reply.type() == RedisReply::Type::array) return plan.conflict(call, call.reply.elements(), ranges);
  require_replicas(replicas, plan.calls().front().server);
  return std::nullopt;
}

std::optional<std::int64_t> RedisClient::transact(RedisCall& call, bool moves_offsets) {
  const auto run = [&] { return caller_.run({&call, 1}, "commit the transaction", options_.wait_replicas > 0); };
  try {
    return run();
  } catch (const RedisLost& lost) {
    if (!moves_offsets)
      throw StoreError{
          fmt::format("{}; it is not known whether the transaction was applied, since it has no offsets to "
                      "tell: look at its keys before you repeat it",
                      lost.what()),
          StoreError::Retry::no};
    try {
      return run();
    } catch (const StoreError& error) {
      if (!error.is_retryable()) throw;
    }
    throw;  // the first error says more
  }
}

void RedisClient::require_replicas(std::optional<std::int64_t> replicas, std::string_view server) const {
  if (!replicas || *replicas >= options_.wait_replicas) return;
  throw StoreError{
      fmt::format(
          "Redis store ({}): the offsets are stored, but only {} of {} replicas have them within "
          "RedisOffsetStoreOptions::wait_timeout ({} ms): a fail-over now may lose them; check the replicas, or "
          "lower wait_replicas",
          server, *replicas, options_.wait_replicas, options_.wait_timeout.count()),
      StoreError::Retry::yes};
}

bool RedisClient::is_all_stored(std::string_view group, std::span<const OffsetRange> ranges) {
  std::vector<TopicPartition> partitions;
  for (const auto& range : ranges) partitions.push_back(range.partition);
  try {
    const auto stored = load(group, partitions);
    return std::ranges::equal(stored, ranges, {}, {}, &OffsetRange::until);
  } catch (const StoreError&) {
    return false;  // the first error says more
  }
}

}  // namespace tidemark::detail
