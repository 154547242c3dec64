#include <atomic>
#include <chrono>
#include <cstdint>
#include <stdexcept>

#include <tidemark/error.hpp>
#include <tidemark/micro_batch_consumer.hpp>
#include <tidemark/testing/faulty_offset_store.hpp>

#include "engine/scene.hpp"
#include "support/catch.hpp"

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;
using testing::Fault;
using testing::FaultyOffsetStore;

namespace {

/// Batches of one record each, so many of them ahead of the store.
ConsumerOptions ahead(const Scene& scene, std::size_t batches) {
  auto options = scene.options();
  options.batch.max_records = 1;
  options.max_uncommitted_batches = batches;
  options.store_retry = {.first_delay = 1ms, .max_delay = 2ms, .give_up_after = 1h};
  return options;
}

}  // namespace

TEST_CASE("batches are handled while a commit is under way, but no more than allowed", "[engine]") {
  Scene scene;
  scene.produce(0, 20);
  FaultyOffsetStore store{scene.store};
  store.block_commits();
  std::atomic<std::int64_t> farthest_ahead = 0;
  MicroBatchConsumer<> consumer{ahead(scene, 4), store, [&](const Batch<>& batch) {
                                  farthest_ahead = std::max<std::int64_t>(
                                      farthest_ahead, batch[0].offset() + 1 - scene.stored().value_or(0));
                                  scene.handled(batch);
                                }};
  Running running{consumer};
  REQUIRE(scene.handled.reaches(4));
  REQUIRE(store.wait_until_blocked());
  CHECK(scene.stored() == std::nullopt);
  CHECK(scene.handled.count() == 4);
  store.release();
  REQUIRE(scene.reaches(20));
  running.stop();
  CHECK(farthest_ahead <= 4);
  CHECK(scene.handled.offsets(Scene::orders(0)) == offsets_between(0, 20));
}

TEST_CASE("what finishes while a commit is under way is committed together", "[engine]") {
  Scene scene;
  scene.produce(0, 9);
  FaultyOffsetStore store{scene.store};
  store.block_commits();
  MicroBatchConsumer<> consumer{ahead(scene, 9), store, std::ref(scene.handled)};
  Running running{consumer};
  REQUIRE(scene.handled.reaches(9));
  store.release();
  REQUIRE(scene.reaches(9));
  running.stop();
  CHECK(store.commits() <=
        3);  // the one under way, what had finished by then, and the last one that was only just returning
}

TEST_CASE("commits are 5 ms apart, unless half of what may wait does", "[engine]") {
  constexpr int records = 2'000;
  Scene scene;
  scene.produce(0, records);
  FaultyOffsetStore store{scene.store};
  MicroBatchConsumer<> consumer{ahead(scene, 100), store, std::ref(scene.handled)};
  const auto begin = std::chrono::steady_clock::now();
  Running running{consumer};
  REQUIRE(scene.reaches(records));
  running.stop();
  const auto took = std::chrono::steady_clock::now() - begin;
  CHECK(static_cast<std::int64_t>(store.commits()) <= 3 + took / 5ms + records / 50);
}

TEST_CASE("stop commits everything that was handled", "[engine]") {
  Scene scene;
  scene.produce(0, 5);
  FaultyOffsetStore store{scene.store};
  store.block_commits();
  MicroBatchConsumer<> consumer{ahead(scene, 100), store, std::ref(scene.handled)};
  Running running{consumer};
  REQUIRE(scene.handled.reaches(5));
  REQUIRE(store.wait_until_blocked());
  consumer.stop();
  store.release();
  running.join();
  CHECK(scene.stored() == 5);
}

TEST_CASE("a commit that fails for good ends the consumer, though nothing more comes to be handled", "[engine]") {
  Scene scene;
  scene.produce(0, 3);
  FaultyOffsetStore store{scene.store, {{.nth = 1, .retry = StoreError::Retry::no}}};
  MicroBatchConsumer<> consumer{ahead(scene, 100), store, std::ref(scene.handled)};
  CHECK_THROWS_AS(Running{consumer}.join(), StoreError);
  CHECK(scene.stored() == std::nullopt);
}

TEST_CASE("a commit that fails leaves what was handled after it uncommitted too", "[engine]") {
  Scene scene;
  scene.produce(0, 3);
  FaultyOffsetStore store{scene.store, {{.nth = 1, .retry = StoreError::Retry::no}}};
  store.block_commits();
  MicroBatchConsumer<> consumer{ahead(scene, 3), store, std::ref(scene.handled)};
  Running running{consumer};
  REQUIRE(scene.handled.reaches(3));
  store.release();
  CHECK_THROWS_AS(running.join(), StoreError);
  CHECK(scene.stored() == std::nullopt);
}

TEST_CASE("an exception of the handler keeps what was handled before it", "[engine]") {
  Scene scene;
  scene.produce(0, 3);
  FaultyOffsetStore store{scene.store};
  MicroBatchConsumer<> consumer{ahead(scene, 100), store, [&](const Batch<>& batch) {
                                  if (batch[0].offset() == 2) throw std::runtime_error{"no more"};
                                }};
  CHECK_THROWS_AS(Running{consumer}.join(), std::runtime_error);
  CHECK(scene.stored() == 2);
}

TEST_CASE("an operator's reset is taken up though later batches were handled already", "[engine]") {
  Scene scene;
  scene.produce(0, 6);
  FaultyOffsetStore store{scene.store};
  store.block_commits();
  // Into the middle of a batch: a commit that ends where the operator went would count as done, and be no conflict.
  auto options = ahead(scene, 6);
  options.batch.max_records = 2;
  MicroBatchConsumer<> consumer{options, store, std::ref(scene.handled)};
  Running running{consumer};
  REQUIRE(scene.handled.reaches(6));
  REQUIRE(store.wait_until_blocked());
  scene.reset(0, 3);
  store.release();
  REQUIRE(scene.reaches(6));
  running.stop();
  auto expected = offsets_between(0, 6);
  for (const auto offset : offsets_between(3, 6)) expected.push_back(offset);
  CHECK(scene.handled.offsets(Scene::orders(0)) == expected);
  CHECK(scene.observer->heard().conflicts.size() == 1);
}
