#include "stores/redis/catalog.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include <tidemark/error.hpp>

#include "stores/common/text.hpp"
#include "stores/redis/plan.hpp"
#include "stores/redis/refusal.hpp"

namespace tidemark::detail {

namespace {

/// All keys of one server that may be the group's. SCAN may name a key twice.
void scan(RedisClient& client, RedisLease lease, std::string_view glob, std::set<std::string>& keys) {
  std::string cursor = "0";
  do {
    const auto reply =
        std::move(lease
                      ->exchange(redis_command("SCAN", cursor, "MATCH", glob, "COUNT", std::int64_t{1000}), 1,
                                 client.options().command_timeout)
                      .front());
    if (reply.is_error()) throw redis_refused(lease->server(), "look through the keys", reply.text());
    const auto parts = reply.elements();
    if (parts.size() != 2)
      throw StoreError{fmt::format("Redis store ({}): the answer to SCAN is not understood", lease->server()),
                       StoreError::Retry::yes};
    cursor = parts[0].text();
    for (const auto& key : parts[1].elements()) keys.emplace(key.text());
  } while (cursor != "0");
}

std::set<std::string> keys_like(RedisClient& client, std::string_view glob) {
  std::set<std::string> keys;
  if (client.options().topology == RedisTopology::cluster)
    for (const auto& master : client.servers().masters(RedisPatience{client.options()}))
      scan(client, client.servers().lease_at(master, RedisPatience{client.options()}), glob, keys);
  else
    scan(client, client.servers().lease(0, RedisPatience{client.options()}), glob, keys);
  return keys;
}

std::set<std::string> keys_of(RedisClient& client, std::string_view group) {
  auto keys = keys_like(client, client.pattern().glob(group));
  std::erase_if(keys, [&](const std::string& key) { return !client.pattern().topic_of(key, group); });
  return keys;
}

/// A call with `command` and the key alone for each of the keys.
std::vector<RedisCall> calls_for(const RedisClient& client, const std::set<std::string>& keys,
                                 std::string_view command) {
  std::vector<RedisCall> calls;
  for (const auto& key : keys) {
    RedisCall call{client.pattern().slot(key)};
    call.arguments.add(command);
    call.arguments.add(key);
    calls.push_back(std::move(call));
  }
  return calls;
}

void run(RedisClient& client, RedisPlan&& plan, std::string_view action) { client.caller().run(plan.calls(), action); }

}  // namespace

std::vector<std::string> redis_groups(RedisClient& client) {
  auto keys = keys_like(client, client.pattern().glob());
  std::erase_if(keys, [&](const std::string& key) { return !client.pattern().group_of(key); });
  // Others may keep something else under such a key, such as a lock.
  auto calls = calls_for(client, keys, "TYPE");
  client.caller().run(calls, "look what kind of keys there are");
  std::set<std::string> names;
  auto call = calls.begin();
  for (const auto& key : keys)
    if ((call++)->reply.text() == "hash") names.insert(*client.pattern().group_of(key));
  return {names.begin(), names.end()};
}

std::vector<StoredOffset> redis_list(RedisClient& client, std::string_view group) {
  const auto keys = keys_of(client, group);
  auto calls = calls_for(client, keys, "HGETALL");
  client.caller().run(calls, "list offsets");

  std::vector<StoredOffset> offsets;
  auto call = calls.begin();
  for (const auto& key : keys) {
    const auto content = (call++)->reply.elements();
    for (std::size_t i = 0; i + 1 < content.size(); i += 2) {
      const auto partition = stores::partition_in(content[i].text());
      if (!partition)
        throw StoreError{fmt::format("Redis store: the hash {} has the field {}, which is no partition: nothing but "
                                     "offsets may be in it; remove it by HDEL",
                                     stores::quoted(key), stores::quoted(content[i].text())),
                         StoreError::Retry::no};
      offsets.push_back(
          {{*client.pattern().topic_of(key, group), *partition}, *stored_offset(content[i + 1], key, *partition)});
    }
  }
  std::ranges::sort(offsets, {}, &StoredOffset::partition);
  return offsets;
}

void redis_overwrite(RedisClient& client, std::string_view group, std::span<const StoredOffset> offsets) {
  for (const auto& offset : offsets) refuse_negative(offset.partition, offset.next);
  auto chunks = redis_chunks(
      client.pattern(), group, offsets.size(),
      [&](std::size_t i) -> const TopicPartition& { return offsets[i].partition; }, redis_chunk);
  run(client,
      RedisPlan{std::move(chunks), redis_overwrite_script,
                [&](RedisArguments& arguments, const RedisChunk& chunk) {
                  for (const auto place : chunk.places) {
                    arguments.add(std::int64_t{offsets[place].partition.partition});
                    arguments.add(offsets[place].next);
                  }
                }},
      "overwrite offsets");
}

void redis_erase(RedisClient& client, std::string_view group, std::span<const TopicPartition> partitions) {
  auto chunks = redis_chunks(
      client.pattern(), group, partitions.size(), [&](std::size_t i) -> const TopicPartition& { return partitions[i]; },
      redis_chunk);
  run(client,
      RedisPlan{std::move(chunks), redis_erase_script,
                [&](RedisArguments& arguments, const RedisChunk& chunk) {
                  for (const auto place : chunk.places) arguments.add(std::int64_t{partitions[place].partition});
                }},
      "erase offsets");
}

}  // namespace tidemark::detail
