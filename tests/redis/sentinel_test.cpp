#include <tidemark/stores/redis.hpp>

#include <tidemark/testing/catch2.hpp>

#include "redis/fail_over.hpp"
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
  fail_over(sentinels(), 5);
}
