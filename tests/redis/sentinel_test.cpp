#include <tidemark/stores/redis.hpp>

#include <tidemark/testing/catch2.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <thread>
#include <vector>

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

TEST_CASE("hung Sentinels hold many threads up no longer than one, and within the documented limit", "[redis]") {
  RedisSentinels hung;
  auto options = impatient(hung.url());
  options.connect_timeout = 400ms;
  options.command_timeout = 500ms;
  options.checkout_timeout = 2s;
  RedisOffsetStore store{options};
  auto& master = hung.master();
  hung.freeze_sentinels();
  master.kill();

  constexpr std::size_t threads = 8;
  std::vector<std::chrono::nanoseconds> lasted(threads);
  std::vector<std::optional<StoreError>> errors(threads);
  std::vector<std::thread> callers;
  for (std::size_t i = 0; i < threads; ++i)
    callers.emplace_back([&, i] {
      const TopicPartition partition{"orders", 0};
      const auto began = std::chrono::steady_clock::now();
      errors[i] = store_error_of([&] { store.load({.group = "billing"}, {&partition, 1}); });
      lasted[i] = std::chrono::steady_clock::now() - began;
    });
  for (auto& each : callers) each.join();
  const std::chrono::duration<double> longest = *std::ranges::max_element(lasted);
  CHECK(longest < 1.1 * (options.checkout_timeout + options.command_timeout));
  for (const auto& error : errors) {
    REQUIRE(error);
    CHECK(error->is_retryable());
  }
}
