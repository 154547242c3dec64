#include <atomic>
#include <set>
#include <stdexcept>

#include <tidemark/micro_batch_consumer.hpp>

#include "engine/ledger_store.hpp"
#include "engine/recording_sink.hpp"
#include "engine/scene.hpp"
#include "support/catch.hpp"

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;

namespace {

struct PoisonScene : Scene {
  std::shared_ptr<RecordingSink> sink = std::make_shared<RecordingSink>();
  std::atomic<int> calls = 0;
  std::set<std::int64_t> poison;

  ConsumerOptions options(std::int32_t partitions = 1) const {
    auto options = Scene::options(partitions);
    options.batch = {.max_records = 16, .max_wait = 1h};
    options.dead_letters = sink;
    options.handler_retry = {.attempts = 2, .first_delay = 1ms, .when_exhausted = WhenExhausted::isolate};
    return options;
  }

  void handle(const Batch<>& batch) {
    ++calls;
    for (const auto& record : batch)
      if (poison.contains(record.offset())) throw std::runtime_error{"cannot do " + std::to_string(record.offset())};
    handled(batch);
  }

  std::vector<std::int64_t> good(std::int64_t until) const {
    std::vector<std::int64_t> all;
    for (const auto offset : offsets_between(0, until))
      if (!poison.contains(offset)) all.push_back(offset);
    return all;
  }
};

}  // namespace

TEST_CASE("records that fail alone become dead letters, and each of the others is handled once", "[engine]") {
  const auto max_uncommitted = GENERATE(std::size_t{1}, std::size_t{4});
  PoisonScene scene;
  scene.poison = {3, 12};
  scene.produce(0, 32);
  auto options = scene.options();
  options.max_uncommitted_batches = max_uncommitted;
  MicroBatchConsumer<> consumer{options, scene.store, [&](const Batch<>& batch) { scene.handle(batch); }};
  Running running{consumer};
  REQUIRE(scene.reaches(32));
  running.stop();
  CHECK(scene.handled.offsets(Scene::orders(0)) == scene.good(32));
  REQUIRE(scene.sink->offsets() == std::vector<std::int64_t>{3, 12});
  for (const auto& letter : scene.sink->letters()) {
    CHECK(letter.reason == DeadLetterReason::isolated);
    CHECK(letter.why == "cannot do " + letter.value);
    CHECK(letter.attempts > 2);
  }
  // The first batch fails twice, then 2 k log2 n calls; the second one goes through.
  CHECK(scene.calls <= 2 + 2 * 2 * 4 + 1);
  std::int64_t next = 0;
  for (const auto& commit : scene.observer->heard().commits)
    for (const auto& range : commit.ranges) {
      CHECK(range.from == next);
      next = range.until;
    }
  CHECK(next == 32);
}

TEST_CASE("a batch of several partitions is taken apart as well, each partition in its order", "[engine]") {
  PoisonScene scene;
  scene.poison = {0, 3};
  for (std::int32_t partition = 0; partition < 3; ++partition) scene.produce(partition, 5);
  auto options = scene.options(3);
  options.batch = {.max_records = 15, .max_wait = 1h};
  MicroBatchConsumer<> consumer{options, scene.store, [&](const Batch<>& batch) { scene.handle(batch); }};
  Running running{consumer};
  for (std::int32_t partition = 0; partition < 3; ++partition) REQUIRE(scene.reaches(5, partition));
  running.stop();
  for (std::int32_t partition = 0; partition < 3; ++partition)
    CHECK(scene.handled.offsets(Scene::orders(partition)) == scene.good(5));
  auto dead = scene.sink->offsets();
  std::ranges::sort(dead);
  CHECK(dead == std::vector<std::int64_t>{0, 0, 0, 3, 3, 3});
}

TEST_CASE("with a transactional handler, each part is a transaction of its own", "[engine]") {
  PoisonScene scene;
  scene.poison = {7};
  scene.produce(0, 16);
  LedgerStore ledger;
  MicroBatchConsumer<> consumer{scene.options(), ledger,
                                [&](const Batch<>& batch, LedgerStore::Transaction& transaction) {
                                  for (const auto& record : batch) transaction.add(Scene::orders(0), record.offset());
                                  scene.handle(batch);
                                }};
  Running running{consumer};
  REQUIRE(eventually([&] { return ledger.results(Scene::orders(0)).size() >= 15; }, patience));
  running.stop();
  CHECK(ledger.results(Scene::orders(0)) == scene.good(16));
  CHECK(scene.sink->offsets() == std::vector<std::int64_t>{7});
  CHECK(ledger.list("billing") == std::vector<StoredOffset>{{Scene::orders(0), 16}});
}

TEST_CASE(
    "a record that the store refuses in a transaction is isolated, while the store's passing errors are not its fault",
    "[engine]") {
  PoisonScene scene;
  scene.produce(0, 16);
  LedgerStore ledger;
  ledger.fail(2, false);
  auto options = scene.options();
  options.store_retry = {.first_delay = 1ms, .max_delay = 2ms, .give_up_after = 1h};
  MicroBatchConsumer<> consumer{options, ledger, [&](const Batch<>& batch, LedgerStore::Transaction& transaction) {
                                  for (const auto& record : batch) {
                                    if (record.offset() == 7)
                                      throw StoreError{"constraint violated", StoreError::Retry::no};
                                    transaction.add(Scene::orders(0), record.offset());
                                  }
                                }};
  Running running{consumer};
  REQUIRE(eventually([&] { return ledger.results(Scene::orders(0)).size() >= 15; }, patience));
  running.stop();
  CHECK(scene.sink->offsets() == std::vector<std::int64_t>{7});
  CHECK(scene.sink->letters().front().why == "constraint violated");
}

TEST_CASE("when too many records fail alone the consumer ends, with what was done until then committed", "[engine]") {
  PoisonScene scene;
  for (std::int64_t offset = 4; offset < 16; ++offset) scene.poison.insert(offset);
  scene.produce(0, 16);
  auto options = scene.options();
  options.handler_retry.max_isolated = 2;
  MicroBatchConsumer<> consumer{options, scene.store, [&](const Batch<>& batch) { scene.handle(batch); }};
  CHECK(error_of_run<std::runtime_error>(consumer).what() == std::string{"cannot do 6"});
  CHECK(scene.stored() == 6);
  CHECK(scene.sink->offsets() == std::vector<std::int64_t>{4, 5});
  CHECK(scene.handled.offsets(Scene::orders(0)) == offsets_between(0, 4));
}

TEST_CASE("a fatal error ends the search at once", "[engine]") {
  PoisonScene scene;
  scene.produce(0, 16);
  auto options = scene.options();
  options.handler_retry.fatal = errors_of<int>();
  MicroBatchConsumer<> consumer{options, scene.store, [&](const Batch<>& batch) {
                                  if (batch.size() < 16) throw 42;
                                  throw std::runtime_error{"no"};
                                }};
  CHECK(error_of_run<int>(consumer) == 42);
  CHECK_FALSE(scene.stored());
}

TEST_CASE("a stop in the midst of the search keeps what was committed, and leaves the rest to the next start",
          "[engine]") {
  PoisonScene scene;
  scene.poison = {12};
  scene.produce(0, 16);
  std::optional<MicroBatchConsumer<>> consumer;
  consumer.emplace(scene.options(), scene.store, [&](const Batch<>& batch) {
    if (batch.size() == 4) {  // 8 to 11, with 0 to 7 done
      consumer->stop();
      if (!eventually([&] { return batch.stop_token().stop_requested(); }, patience)) return;
      throw std::runtime_error{"asked to stop"};
    }
    scene.handle(batch);
  });
  Running running{*consumer};
  running.join();
  CHECK(scene.stored() == 8);
  CHECK(scene.sink->offsets().empty());
  CHECK(scene.handled.offsets(Scene::orders(0)) == offsets_between(0, 8));
}
