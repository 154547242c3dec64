#pragma once

#include <iostream>
#include <string>

#include "redis/redis_fixture.hpp"
#include "support/redis_sentinels.hpp"

namespace tidemark::test {

/// Kills the master so many times, while transactions go on: checks that results and offsets are a pair after each, and prints how many
/// acknowledged commits were lost.
inline void fail_over(RedisSentinels& watched, int fail_overs) {
  watched.master().probe()("FLUSHALL");
  auto options = impatient(watched.url());
  options.checkout_timeout = std::chrono::seconds{20};
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

}  // namespace tidemark::test
