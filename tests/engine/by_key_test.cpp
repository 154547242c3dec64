#include <tidemark/by_key.hpp>

#include <atomic>
#include <map>
#include <set>
#include <stdexcept>
#include <thread>

#include <tidemark/error.hpp>
#include <tidemark/micro_batch_consumer.hpp>

#include "engine/gate.hpp"
#include "engine/keyed_scene.hpp"
#include "support/catch.hpp"

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;

TEST_CASE("by_key handles a batch's parts at once", "[engine]") {
  KeyedScene scene;
  Gate gate;
  std::atomic<int> parts = 0;
  MicroBatchConsumer<> consumer{scene.keyed(200, 100), scene.store, by_key(3, [&](const Batch<>& part) {
                                  ++parts;
                                  gate.arrive();
                                  gate.wait_until_reached(3);
                                  scene.handled(part);
                                })};
  Running running{consumer};
  REQUIRE(scene.reaches(200));
  running.stop();
  CHECK(parts == 3);
  CHECK(scene.handled.count() == 200);
}

TEST_CASE("by_key keeps a key in one part, in its order", "[engine]") {
  KeyedScene scene;
  std::mutex mutex;
  std::map<std::string, std::vector<std::int64_t>> offsets;
  std::map<std::string, std::set<std::thread::id>> threads;
  MicroBatchConsumer<std::string> consumer{scene.keyed(300, 30), scene.store,
                                           by_key(4, [&](const Batch<std::string>& part) {
                                             for (const auto& record : part) {
                                               const std::lock_guard lock{mutex};
                                               if (record.value() != std::to_string(record.offset()))
                                                 throw std::runtime_error{"another record's value"};
                                               offsets[std::string{record.key()}].push_back(record.offset());
                                               threads[std::string{record.key()}].insert(std::this_thread::get_id());
                                             }
                                           })};
  Running running{consumer};
  REQUIRE(scene.reaches(300));
  running.stop();
  REQUIRE(offsets.size() == 30);
  for (const auto& [key, own] : offsets) {
    CHECK(own.size() == 10);
    CHECK(std::ranges::is_sorted(own));
    CHECK(threads[key].size() == 1);
  }
}

TEST_CASE("by_key spreads records without a key", "[engine]") {
  Scene scene;
  scene.produce(0, 40);
  auto options = scene.options();
  options.batch = {.max_records = 40, .max_wait = 1h};
  std::mutex mutex;
  std::vector<std::size_t> sizes;
  MicroBatchConsumer<> consumer{options, scene.store, by_key(4, [&](const Batch<>& part) {
                                  const std::lock_guard lock{mutex};
                                  sizes.push_back(part.size());
                                })};
  Running running{consumer};
  REQUIRE(scene.reaches(40));
  running.stop();
  CHECK(sizes == std::vector<std::size_t>(4, 10));
}

TEST_CASE("a part that throws fails the batch once the others have ended, and it is handled again", "[engine]") {
  KeyedScene scene;
  auto options = scene.keyed(100, 50);
  options.handler_retry.attempts = 2;
  Gate gate;
  MicroBatchConsumer<> consumer{options, scene.store, by_key(2, [&](const Batch<>& part) {
                                  for (const auto& record : part) {
                                    if (part.attempt() > 1 || record.offset() != 42) continue;
                                    gate.wait_until_reached(1);
                                    throw std::runtime_error{"42"};
                                  }
                                  scene.handled(part);
                                  gate.arrive();
                                })};
  Running running{consumer};
  REQUIRE(scene.reaches(100));
  running.stop();
  const auto batches = scene.handled.batches();
  REQUIRE(batches.size() == 3);
  CHECK(batches[0].attempt == 1);
  CHECK(batches[1].attempt == 2);
  CHECK(batches[1].records.size() + batches[2].records.size() == 100);
  CHECK(scene.observer->heard().retries.size() == 1);
}

TEST_CASE("parts may reject records", "[engine]") {
  KeyedScene scene;
  MicroBatchConsumer<> consumer{scene.keyed(100, 50), scene.store, by_key(4, [](const Batch<>& part) {
                                  for (const auto& record : part)
                                    if (record.offset() % 10 == 7) part.reject(record, "a seven");
                                })};
  Running running{consumer};
  REQUIRE(scene.reaches(100));
  running.stop();
  auto offsets = scene.sink->offsets();
  std::ranges::sort(offsets);
  CHECK(offsets == std::vector<std::int64_t>{7, 17, 27, 37, 47, 57, 67, 77, 87, 97});
}

TEST_CASE("what makes a part fail is isolated", "[engine]") {
  KeyedScene scene;
  auto options = scene.keyed(64, 16);
  options.handler_retry.when_exhausted = WhenExhausted::isolate;
  MicroBatchConsumer<> consumer{options, scene.store, by_key(4, [](const Batch<>& part) {
                                  for (const auto& record : part)
                                    if (record.offset() == 33) throw std::runtime_error{"33"};
                                })};
  Running running{consumer};
  REQUIRE(scene.reaches(64));
  running.stop();
  CHECK(scene.sink->offsets() == std::vector<std::int64_t>{33});
}

TEST_CASE("parts are asked to stop, and may give the batch up", "[engine]") {
  KeyedScene scene;
  Gate gate;
  MicroBatchConsumer<> consumer{scene.keyed(100, 50), scene.store, by_key(3, [&](const Batch<>& part) {
                                  gate.arrive();
                                  wait_for_stop(part);
                                  throw std::runtime_error{"gives up"};
                                })};
  Running running{consumer};
  REQUIRE(gate.is_reached(3));
  running.stop();
  CHECK_FALSE(scene.stored());
}

TEST_CASE("workers share the threads of by_key", "[engine]") {
  Scene scene;
  for (int partition = 0; partition < 3; ++partition) scene.produce(partition, 500);
  auto options = scene.options(3);
  options.concurrency = 3;
  std::mutex mutex;
  std::set<std::thread::id> threads;
  MicroBatchConsumer<> consumer{options, scene.store, by_key(2, [&](const Batch<>& part) {
                                  scene.handled(part);
                                  const std::lock_guard lock{mutex};
                                  threads.insert(std::this_thread::get_id());
                                })};
  Running running{consumer};
  for (int partition = 0; partition < 3; ++partition) REQUIRE(scene.reaches(500, partition));
  running.stop();
  CHECK(scene.handled.count() == 1500);
  CHECK(threads.size() <= 2);
}

TEST_CASE("by_key with 0 threads is refused", "[engine]") {
  CHECK_THROWS_AS(by_key(0, [](const Batch<>&) {}), ConfigError);
}
