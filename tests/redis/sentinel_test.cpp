#include <tidemark/stores/redis.hpp>

#include <tidemark/testing/catch2.hpp>

#include <iostream>

#include "redis/redis_fixture.hpp"
#include "support/free_port.hpp"
#include "support/redis_sentinels.hpp"

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;
using tidemark::testing::check_conformance;

namespace {

RedisSentinels& sentinels() {
  static RedisSentinels shared;
  return shared;
}

}  // namespace

TEST_CASE("behind Sentinels the store keeps the contract", "[redis]") {
  check_conformance({.storage =
                         [] {
                           sentinels().master().probe()("FLUSHALL");
                           return [] { return std::make_unique<RedisOffsetStore>(sentinels().url()); };
                         },
                     .capabilities = {.refuses_odd_names = true}});
}

TEST_CASE("a Sentinel that cannot be reached is passed over, a master that none knows is an error", "[redis]") {
  auto options = impatient(sentinels().url());
  options.addresses.insert(options.addresses.begin(), RedisAddress{"127.0.0.1", free_port()});
  CHECK_NOTHROW(RedisOffsetStore{options});
  options.master = "other";
  const auto error = store_error_of([&] { RedisOffsetStore{options}; });
  CHECK(says(error, "\"other\"", "RedisOffsetStoreOptions::master"));
  CHECK_FALSE(error->is_retryable());
}

TEST_CASE("through fail-overs results and offsets move as a pair, and what they lose is counted", "[redis]") {
  constexpr int fail_overs = 5;
  auto& watched = sentinels();
  watched.master().probe()("FLUSHALL");
  auto options = impatient(watched.url());
  options.checkout_timeout = 20s;
  RedisOffsetStore store{options};
  const GroupSession session{.group = "billing"};
  const TopicPartition partition{"orders", 0};
  std::int64_t acknowledged = 0;
  std::int64_t lost = 0;

  // As a consumer does: from what is stored, and again until it is known to be applied.
  const auto apply_next = [&] {
    for (int attempt = 0; attempt < 200; ++attempt) {
      try {
        const auto from = store.load(session, {&partition, 1}).front().value_or(0);
        if (from < acknowledged) {
          lost += acknowledged - from;
          acknowledged = from;
        }
        const OffsetRange range{partition, from, from + 1};
        auto transaction = store.begin(session, {&range, 1});
        transaction.command("INCRBY", "sum", 1);
        transaction.command("RPUSH", "list", from);
        if (transaction.commit()) continue;
        acknowledged = from + 1;
        return;
      } catch (const StoreError& error) {
        if (!error.is_retryable()) throw;
      }
    }
    FAIL("no commit went through");
  };

  for (int i = 0; i < fail_overs; ++i) {
    watched.wait_for_replica();
    for (int batch = 0; batch < 50; ++batch) apply_next();
    auto& former = watched.master();
    former.kill();
    for (int batch = 0; batch < 5; ++batch) apply_next();
    watched.wait_for_other_master(former);
    former.start();
    for (int batch = 0; batch < 50; ++batch) apply_next();
    auto probe = watched.master().probe();
    const auto next = std::to_string(store.load(session, {&partition, 1}).front().value_or(0));
    CHECK(probe("GET", "sum").text() == next);
    CHECK(std::to_string(probe("LLEN", "list").integer()) == next);
  }
  std::cout << "redis-sentinel: " << fail_overs << " fail-overs, " << acknowledged << " batches, " << lost
            << " acknowledged commits lost" << std::endl;
}
