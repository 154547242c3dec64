#include <tidemark/stores/redis.hpp>

#include <tidemark/testing/catch2.hpp>
#include <tidemark/transactional_store.hpp>

#include "redis/redis_fixture.hpp"
#include "stores/redis/script.hpp"

using namespace tidemark;
using namespace tidemark::test;
using tidemark::testing::check_conformance;
using tidemark::testing::check_transactional_conformance;

static_assert(TransactionalStore<RedisOffsetStore>);
static_assert(std::derived_from<RedisOffsetStore, OffsetCatalog>);

TEST_CASE("the Redis store keeps the contract", "[redis]") {
  check_conformance({.storage =
                         [] {
                           auto& server = RedisServer::shared();
                           server.probe()("FLUSHALL");
                           return [&server] { return std::make_unique<RedisOffsetStore>(server.url()); };
                         },
                     .capabilities = {.refuses_odd_names = true}});
}

TEST_CASE("the Redis store's transactions keep the contract", "[redis]") {
  check_transactional_conformance<RedisOffsetStore>({.storage = [] {
    auto& server = RedisServer::shared();
    server.probe()("FLUSHALL");
    return tidemark::testing::TransactionalStorage<RedisOffsetStore>{
        .open = [&server] { return std::make_unique<RedisOffsetStore>(server.url()); },
        .write = [](RedisTransaction& transaction, const std::string& key,
                    const std::string& value) { transaction.command("SET", "result:" + key, value); },
        .read = [&server](const std::string& key) -> std::optional<std::string> {
          const auto reply = server.probe()("GET", "result:" + key);
          if (reply.is_nil()) return std::nullopt;
          return std::string{reply.text()};
        }};
  }});
}

TEST_CASE("what is stored is a plain hash of partition to next offset", "[redis]") {
  RedisFixture fixture;
  REQUIRE_FALSE(fixture.commit({orders(0, 100), orders(0, 250, 1), orders(7, 7, 12)}));
  CHECK(fixture.probe.hash(fixture.key) == "0=100 1=250 12=7");
  CHECK(fixture.probe("KEYS", "*").elements().size() == 1);
  CHECK(fixture.probe("TTL", fixture.key).integer() == -1);
}

TEST_CASE("a hash written with HMSET is gone on from, and back", "[redis]") {
  RedisFixture fixture;
  fixture.probe("HMSET", fixture.key, "0", "514", "1", "9223372036854775807");
  CHECK(fixture.next(0) == 514);
  CHECK(fixture.next(1) == 9'223'372'036'854'775'807);
  CHECK(fixture.next(2) == std::nullopt);
  REQUIRE_FALSE(fixture.commit(orders(514, 600)));
  CHECK(fixture.probe("HGET", fixture.key, "0").text() == "600");
  fixture.probe("HMSET", fixture.key, "0", "700", "1", "5");
  CHECK(fixture.commit(orders(600, 650)) == Conflict{{"orders", 0}, 700});
  REQUIRE_FALSE(fixture.commit({orders(700, 710), orders(5, 6, 1)}));
  CHECK(fixture.probe.hash(fixture.key) == "0=710 1=6");
}

TEST_CASE("a value that is no offset is an error that names key, field and value", "[redis]") {
  RedisFixture fixture;
  const std::string value = GENERATE(as<std::string>{}, "", "abc", "12abc", " 12", "12 ", "+5", "-1", "-1001", "007",
                                     "1e3", "9223372036854775808", "0x10", "1.0", "12\n");
  CAPTURE(value);
  fixture.probe("HSET", fixture.key, "3", value);
  const auto shown = value == "12\n" ? std::string{"\"12\\x0a\""} : '"' + value + '"';
  for (const auto& error :
       {store_error_of([&] { fixture.next(3); }), store_error_of([&] { fixture.commit(orders(0, 1, 3)); }),
        store_error_of([&] { fixture.begin(orders(0, 1, 3)).commit(); }),
        store_error_of([&] { fixture.store->list("billing"); })}) {
    CHECK(says(error, fixture.key, "\"3\"", shown));
    CHECK_FALSE(error->is_retryable());
  }
  CHECK(fixture.probe("HGET", fixture.key, "3").text() == value);
}

TEST_CASE("another field than a partition in the hash does not hinder a consumer, but is shown by list", "[redis]") {
  RedisFixture fixture;
  fixture.probe("HMSET", fixture.key, "0", "5", "updated_at", "yesterday");
  CHECK(fixture.next() == 5);
  CHECK(says(store_error_of([&] { fixture.store->list("billing"); }), fixture.key, "updated_at"));
}

TEST_CASE("what others keep under a key of the pattern is not taken for a group's offsets", "[redis]") {
  RedisFixture fixture;
  REQUIRE_FALSE(fixture.commit(orders(0, 5)));
  fixture.probe("SET", fixture.key + ":lock", "held");
  fixture.probe("RPUSH", "kafka:topic:orders:queue", "x");
  fixture.probe("HSET", "kafka:topic:or/ders:elsewhere", "0", "1");
  CHECK(fixture.store->groups() == std::vector<std::string>{"billing"});
}

TEST_CASE("topics of one group are committed together, all or none", "[redis]") {
  RedisFixture fixture;
  REQUIRE_FALSE(fixture.commit({{{"a", 0}, 0, 5}, {{"b", 0}, 0, 6}, {{"a", 1}, 0, 7}}));
  CHECK(fixture.commit({{{"a", 0}, 5, 10}, {{"b", 0}, 4, 10}}) == Conflict{{"b", 0}, 6});
  CHECK(fixture.probe.hash("kafka:topic:a:billing") == "0=5 1=7");
  fixture.probe("SET", "kafka:topic:c:billing", "a string");
  const auto error = store_error_of([&] { fixture.commit({{{"a", 0}, 5, 10}, {{"c", 0}, 4, 10}}); });
  CHECK(says(error, "WRONGTYPE"));
  CHECK_FALSE(error->is_retryable());
  CHECK(fixture.probe.hash("kafka:topic:a:billing") == "0=5 1=7");
}

TEST_CASE("a key pattern places the offsets elsewhere", "[redis]") {
  auto& server = RedisServer::shared();
  auto options = impatient(server.port());
  options.key_pattern = GENERATE(as<std::string>{}, "offset:<topic>:<group>", "app:{<group>}:<topic>:offsets");
  RedisFixture fixture{server, options};
  REQUIRE_FALSE(fixture.commit({orders(0, 5), {{"a", 1}, 0, 7}}));
  const auto key = options.key_pattern.starts_with("offset") ? "offset:orders:billing" : "app:{billing}:orders:offsets";
  CHECK(fixture.probe.hash(key) == "0=5");
  CHECK(fixture.store->list("billing") == std::vector<StoredOffset>{{{"a", 1}, 7}, {{"orders", 0}, 5}});
  CHECK(fixture.store->list("*").empty());
  CHECK(fixture.store->list("bill?ng").empty());
}

TEST_CASE("a commit is one EVALSHA once the script is known, and a load one HMGET", "[redis]") {
  RedisFixture fixture;
  fixture.probe("SCRIPT", "FLUSH");
  REQUIRE_FALSE(fixture.commit(orders(0, 1)));
  fixture.probe("CONFIG", "RESETSTAT");
  for (int i = 1; i <= 50; ++i) REQUIRE_FALSE(fixture.commit({orders(i, i + 1), orders(i, i + 1, 1)}));
  for (int i = 0; i < 50; ++i) fixture.next();
  CHECK(fixture.probe.info("commandstats", "cmdstat_evalsha").starts_with("calls=50,"));
  CHECK(fixture.probe.info("commandstats", "cmdstat_hset").starts_with("calls=50,"));
  CHECK(fixture.probe.info("commandstats", "cmdstat_hmget").starts_with("calls=100,"));
  CHECK(fixture.probe.info("commandstats", "cmdstat_eval").empty());
  CHECK(fixture.probe.info("stats", "total_connections_received") == "0");
}

TEST_CASE("each script's hash is the one that Redis computes", "[redis]") {
  auto probe = RedisServer::shared().probe();
  for (const auto* script : {&detail::redis_commit_script, &detail::redis_overwrite_script, &detail::redis_erase_script,
                             &detail::redis_transaction_script})
    CHECK(probe("SCRIPT", "LOAD", script->text).text() == script->sha1);
}

TEST_CASE("10,000 partitions are committed in one command", "[redis]") {
  RedisFixture fixture;
  std::vector<OffsetRange> ranges;
  for (std::int32_t p = 0; p < 10'000; ++p) ranges.push_back(orders(0, p, p));
  REQUIRE_FALSE(fixture.commit(ranges));
  fixture.probe("CONFIG", "RESETSTAT");
  for (auto& range : ranges) range = orders(range.until, range.until + 1, range.partition.partition);
  REQUIRE_FALSE(fixture.commit(ranges));
  CHECK(fixture.probe.info("commandstats", "cmdstat_evalsha").starts_with("calls=1,"));
  CHECK(fixture.probe("HLEN", fixture.key).integer() == 10'000);
  CHECK(fixture.next(9'999) == 10'000);
  ranges[7'777].from = 5;
  ranges[7'777].until = 6;
  CHECK(fixture.commit(ranges) == Conflict{{"orders", 7'777}, 7'778});
}
