#include <tidemark/stores/redis.hpp>

#include <tidemark/testing/catch2.hpp>

#include "redis/redis_fixture.hpp"
#include "support/redis_cluster.hpp"

using namespace tidemark;
using namespace tidemark::test;
using tidemark::testing::check_conformance;
using tidemark::testing::check_transactional_conformance;

namespace {

RedisOffsetStoreOptions cluster_options(const std::string& pattern) {
  auto options = impatient(RedisCluster::shared().url());
  options.key_pattern = pattern;
  return options;
}

const std::string tagged = "kafka:topic:<topic>:{<group>}";
const std::string untagged{redis_keys::spark};

struct ClusterFixture {
  explicit ClusterFixture(const std::string& pattern = untagged) {
    cluster.on_all({"FLUSHALL"});
    store = std::make_unique<RedisOffsetStore>(cluster_options(pattern));
  }
  RedisProbe probe_of(const std::string& key) { return cluster.master(cluster.master_of(key)).probe(); }
  std::optional<Conflict> commit(const std::vector<OffsetRange>& ranges) { return store->commit(session, ranges); }

  RedisCluster& cluster = RedisCluster::shared();
  std::unique_ptr<RedisOffsetStore> store;
  GroupSession session{.group = "billing"};
};

/// Topics enough for each master to have the key of one.
const std::vector<std::string> spread{"a", "b", "c", "d", "e", "f", "g", "h"};

}  // namespace

TEST_CASE("in a cluster the store keeps the contract, with a hash tag for the group", "[redis]") {
  check_conformance({.storage =
                         [] {
                           RedisCluster::shared().on_all({"FLUSHALL"});
                           return [] { return std::make_unique<RedisOffsetStore>(cluster_options(tagged)); };
                         },
                     .capabilities = {.refuses_odd_names = true}});
}

TEST_CASE("in a cluster transactions keep the contract, with a hash tag for the group", "[redis]") {
  const std::string tag = "{flights}";
  check_transactional_conformance<RedisOffsetStore>({.storage = [tag] {
    RedisCluster::shared().on_all({"FLUSHALL"});
    return tidemark::testing::TransactionalStorage<RedisOffsetStore>{
        .open = [tag] { return std::make_unique<RedisOffsetStore>(cluster_options(tag + ":<topic>:<group>")); },
        .write = [tag](RedisTransaction& transaction, const std::string& key,
                       const std::string& value) { transaction.command("SET", tag + key, value); },
        .read = [tag](const std::string& key) -> std::optional<std::string> {
          auto& cluster = RedisCluster::shared();
          const auto reply = cluster.master(cluster.master_of(tag)).probe()("GET", tag + key);
          if (reply.is_nil()) return std::nullopt;
          return std::string{reply.text()};
        }};
  }});
}

TEST_CASE("in a cluster offsets of many topics are committed, loaded and listed on all masters", "[redis]") {
  ClusterFixture fixture;
  std::vector<OffsetRange> ranges;
  std::vector<TopicPartition> partitions;
  for (const auto& topic : spread)
    for (int p = 0; p < 2; ++p) {
      ranges.push_back({{topic, p}, 0, 10 + p});
      partitions.push_back(ranges.back().partition);
    }
  REQUIRE_FALSE(fixture.commit(ranges));
  const auto offsets = fixture.store->load(fixture.session, partitions);
  for (std::size_t i = 0; i < ranges.size(); ++i) CHECK(offsets[i] == ranges[i].until);
  CHECK(fixture.store->list("billing").size() == ranges.size());
  for (int i = 0; i < fixture.cluster.size(); ++i) CHECK(fixture.cluster.master(i).probe()("DBSIZE").integer() > 0);
  fixture.store->erase("billing", partitions);
  CHECK(fixture.store->list("billing").empty());
}

TEST_CASE("in a cluster a conflict leaves its own slot as it is, and says which partition it is about", "[redis]") {
  ClusterFixture fixture;
  REQUIRE_FALSE(fixture.commit({{{"a", 0}, 0, 5}, {{"b", 0}, 0, 5}, {{"b", 1}, 0, 5}}));
  CHECK(fixture.commit({{{"a", 0}, 5, 10}, {{"b", 0}, 5, 10}, {{"b", 1}, 4, 10}}) == Conflict{{"b", 1}, 5});
  CHECK(fixture.probe_of("kafka:topic:b:billing").hash("kafka:topic:b:billing") == "0=5 1=5");
  CHECK_FALSE(fixture.commit({{{"a", 0}, 5, 10}, {{"b", 0}, 5, 10}}));
  CHECK(fixture.probe_of("kafka:topic:a:billing").hash("kafka:topic:a:billing") == "0=10");
}

TEST_CASE("in a cluster a transaction whose keys are in several slots is refused early, with the remedy", "[redis]") {
  ClusterFixture untagged_fixture;
  const std::vector<OffsetRange> two{{{"a", 0}, 0, 5}, {{"b", 0}, 0, 5}};
  const auto early = store_error_of([&] { untagged_fixture.store->begin(untagged_fixture.session, two); });
  CHECK(says(early, "one slot", "kafka:topic:<topic>:{<group>}"));
  CHECK_FALSE(early->is_retryable());

  ClusterFixture fixture{tagged};
  auto transaction = fixture.store->begin(fixture.session, two);
  const auto other = store_error_of([&] { transaction.command("INCR", "count"); });
  CHECK(says(other, "\"count\"", "hash tag", "{billing}"));
  CHECK_FALSE(other->is_retryable());
  transaction.command("INCR", "{billing}count");
  REQUIRE_FALSE(transaction.commit());
  CHECK(fixture.probe_of("{billing}count")("GET", "{billing}count").text() == "1");
}

TEST_CASE("in a cluster a command is refused for any key in another slot, before anything is sent", "[redis]") {
  ClusterFixture fixture{tagged};
  const auto words =
      GENERATE(values<std::vector<std::string>>({{"MSET", "{billing}a", "1", "elsewhere", "2"},
                                                 {"RENAME", "{billing}a", "elsewhere"},
                                                 {"SUNIONSTORE", "{billing}d", "{billing}a", "elsewhere"},
                                                 {"BITOP", "AND", "{billing}d", "elsewhere"},
                                                 {"XGROUP", "CREATE", "elsewhere", "g", "$", "MKSTREAM"},
                                                 {"ZUNIONSTORE", "{billing}d", "2", "{billing}a", "elsewhere"},
                                                 {"SORT", "{billing}a", "STORE", "elsewhere"}}));
  CAPTURE(words);
  const OffsetRange range{{"a", 0}, 0, 5};
  auto transaction = fixture.store->begin(fixture.session, {&range, 1});
  transaction.command("INCR", "{billing}count");
  const auto error = store_error_of([&] {
    transaction.command_with(std::vector<RedisArgument>(words.begin(), words.end()));
    transaction.commit();
  });
  CHECK(says(error, words.front(), "\"elsewhere\"", "hash tag", "{billing}"));
  REQUIRE(error);
  CHECK_FALSE(error->is_retryable());
  for (int i = 0; i < fixture.cluster.size(); ++i) CHECK(fixture.cluster.master(i).probe()("DBSIZE").integer() == 0);
}

TEST_CASE("in a cluster commands of every shape go through when all their keys are in the slot", "[redis]") {
  ClusterFixture fixture{tagged};
  auto probe = fixture.probe_of("{billing}");
  probe("ZADD", "{billing}z", "1", "x");
  const OffsetRange range{{"a", 0}, 0, 5};
  auto transaction = fixture.store->begin(fixture.session, {&range, 1});
  CHECK(transaction.read("MGET", "{billing}a", "{billing}b").elements().size() == 2);
  CHECK(transaction.read("ZUNION", 2, "{billing}z", "{billing}y").elements().size() == 1);
  transaction.command("MSET", "{billing}a", 1, "{billing}b", 2);
  transaction.command("ZUNIONSTORE", "{billing}d", 2, "{billing}z", "{billing}y");
  transaction.command("xgroup", "create", "{billing}s", "g", "$", "MKSTREAM");
  transaction.command("SORT", "{billing}z", "ALPHA", "STORE", "{billing}sorted");
  transaction.command("PUBLISH", "channel", "message");
  REQUIRE_FALSE(transaction.commit());
  CHECK(probe("GET", "{billing}b").text() == "2");
  CHECK(probe("ZCARD", "{billing}d").integer() == 1);
  CHECK(probe("TYPE", "{billing}s").text() == "stream");
  CHECK(probe("LLEN", "{billing}sorted").integer() == 1);
}

TEST_CASE("in a cluster commits follow a slot that moves: ASK while it does, MOVED when it has", "[redis]") {
  ClusterFixture fixture;
  const std::string key = "kafka:topic:a:billing";
  auto& cluster = fixture.cluster;
  const int from = cluster.master_of(key);
  const int to = (from + 1) % cluster.size();
  auto source = cluster.master(from).probe();
  auto target = cluster.master(to).probe();
  const auto slot = std::to_string(source("CLUSTER", "KEYSLOT", key).integer());
  const auto move = [&](RedisProbe& away, RedisProbe& here, int away_id, int here_id) {
    here("CLUSTER", "SETSLOT", slot, "IMPORTING", cluster.id(away_id));
    away("CLUSTER", "SETSLOT", slot, "MIGRATING", cluster.id(here_id));
  };
  REQUIRE_FALSE(fixture.commit({{{"a", 0}, 0, 5}}));

  move(source, target, from, to);
  REQUIRE_FALSE(fixture.commit({{{"a", 0}, 5, 6}}));  // still there
  source("MIGRATE", "127.0.0.1", std::to_string(cluster.master(to).port()), key, "0", "5000");
  REQUIRE_FALSE(fixture.commit({{{"a", 0}, 6, 7}}));  // ASK
  CHECK(fixture.store->load(fixture.session, std::vector<TopicPartition>{{"a", 0}}).at(0) == 7);
  CHECK(fixture.commit({{{"a", 0}, 5, 9}}) == Conflict{{"a", 0}, 7});
  const auto new_owner = cluster.id(to);
  for (int i = 0; i < cluster.size(); ++i) cluster.master(i).probe()("CLUSTER", "SETSLOT", slot, "NODE", new_owner);
  REQUIRE_FALSE(fixture.commit({{{"a", 0}, 7, 8}}));  // MOVED
  auto transaction = fixture.store->begin(fixture.session, std::vector<OffsetRange>{{{"a", 0}, 8, 9}});
  REQUIRE_FALSE(transaction.commit());
  CHECK(target.hash(key) == "0=9");

  target("DEL", key);
  const auto old_owner = cluster.id(from);
  for (int i = 0; i < cluster.size(); ++i) cluster.master(i).probe()("CLUSTER", "SETSLOT", slot, "NODE", old_owner);
}

TEST_CASE("redis:// for a node of a cluster says what to use instead", "[redis]") {
  RedisCluster::shared().on_all({"FLUSHALL"});
  RedisOffsetStore store{RedisCluster::shared().master(0).url()};
  std::optional<StoreError> error;
  for (const auto& topic : spread) {
    const OffsetRange range{{topic, 0}, 0, 1};
    if (auto now = store_error_of([&] { store.commit({.group = "billing"}, {&range, 1}); })) error = now;
  }
  CHECK(says(error, "redis+cluster://"));
  CHECK_FALSE(error->is_retryable());
}

TEST_CASE("in a cluster a slot that nobody serves is an error that time may mend", "[redis]") {
  RedisCluster cluster{1};
  auto options = redis_options(cluster.url());
  options.checkout_timeout = std::chrono::milliseconds{100};
  RedisOffsetStore store{options};
  const OffsetRange range{{"a", 0}, 0, 1};
  auto probe = cluster.master(0).probe();
  const auto slot = std::to_string(probe("CLUSTER", "KEYSLOT", "kafka:topic:a:billing").integer());
  probe("CLUSTER", "DELSLOTS", slot);
  for (int i = 0; i < 2; ++i) {
    const auto error = store_error_of([&] { store.commit({.group = "billing"}, {&range, 1}); });
    CHECK(error);
    CHECK(error->is_retryable());
  }
  probe("CLUSTER", "ADDSLOTS", slot);
  CHECK_FALSE(store.commit({.group = "billing"}, {&range, 1}));
}
