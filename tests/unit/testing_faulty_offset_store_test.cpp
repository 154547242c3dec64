#include <thread>

#include <tidemark/testing/faulty_offset_store.hpp>
#include <tidemark/testing/memory_offset_store.hpp>

#include "support/catch.hpp"

using namespace tidemark;
using namespace tidemark::testing;
using namespace std::chrono_literals;
using Call = Fault::Call;
using Effect = Fault::Effect;

namespace {

const GroupSession session{"billing"};
const TopicPartition flights0{"flights", 0};

std::optional<std::int64_t> stored(OffsetStore& store) { return store.load(session, {&flights0, 1}).front(); }

std::optional<Conflict> commit(OffsetStore& store, std::int64_t from, std::int64_t until) {
  const OffsetRange range{flights0, from, until};
  return store.commit(session, {&range, 1});
}

}  // namespace

TEST_CASE("without a script everything passes through and is counted", "[unit]") {
  MemoryOffsetStore inner;
  FaultyOffsetStore store{inner};
  CHECK_FALSE(commit(store, 0, 10));
  CHECK(commit(store, 3, 5) == Conflict{flights0, 10});
  CHECK(stored(store) == 10);
  CHECK(store.commits() == 2);
  CHECK(store.loads() == 1);
}

TEST_CASE("the nth commit fails and does nothing, the others pass", "[unit]") {
  MemoryOffsetStore inner;
  FaultyOffsetStore store{inner, {{.nth = 2}}};
  CHECK_FALSE(commit(store, 0, 10));
  CHECK_THROWS_AS(commit(store, 10, 20), StoreError);
  CHECK(stored(inner) == 10);
  CHECK_FALSE(commit(store, 10, 20));
  CHECK(stored(inner) == 20);
}

TEST_CASE("a lost acknowledgement throws after the commit was done", "[unit]") {
  MemoryOffsetStore inner;
  FaultyOffsetStore store{inner, {{.nth = 1, .effect = Effect::loses_acknowledgement}}};
  CHECK_THROWS_AS(commit(store, 0, 10), StoreError);
  CHECK(stored(inner) == 10);
}

TEST_CASE("a fault may concern loads, several calls, and say that retrying is no use", "[unit]") {
  MemoryOffsetStore inner;
  FaultyOffsetStore store{inner, {{.call = Call::load, .nth = 2, .retry = StoreError::Retry::no, .times = 2}}};
  CHECK_FALSE(stored(store));
  for (int i = 0; i < 2; ++i) {
    try {
      stored(store);
      FAIL("the load went through");
    } catch (const StoreError& error) {
      CHECK_FALSE(error.is_retryable());
    }
  }
  CHECK_FALSE(stored(store));
  CHECK_FALSE(commit(store, 0, 10));
  CHECK(store.loads() == 4);
}

TEST_CASE("a fault that is added later counts calls from the beginning", "[unit]") {
  MemoryOffsetStore inner;
  FaultyOffsetStore store{inner};
  CHECK_FALSE(commit(store, 0, 10));
  store.add({.nth = store.commits() + 1});
  CHECK_THROWS_AS(commit(store, 10, 20), StoreError);
}

TEST_CASE("a blocked commit does nothing until it is released", "[unit]") {
  MemoryOffsetStore inner;
  FaultyOffsetStore store{inner};
  store.block_commits();
  CHECK_FALSE(store.wait_until_blocked(1, 0ms));
  std::thread committer{[&] { commit(store, 0, 10); }};
  const auto blocked = store.wait_until_blocked();
  const auto meanwhile = stored(store);
  store.release();
  committer.join();
  CHECK(blocked);
  CHECK_FALSE(meanwhile);
  CHECK(stored(inner) == 10);
}

TEST_CASE("a delay makes each call take at least as long", "[unit]") {
  MemoryOffsetStore inner;
  FaultyOffsetStore store{inner};
  store.delay(20ms);
  const auto start = std::chrono::steady_clock::now();
  CHECK_FALSE(commit(store, 0, 10));
  CHECK(std::chrono::steady_clock::now() - start >= 20ms);
}
