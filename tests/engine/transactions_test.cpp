#include <stdexcept>

#include <tidemark/micro_batch_consumer.hpp>

#include "engine/gate.hpp"
#include "engine/ledger_store.hpp"
#include "engine/scene.hpp"
#include "support/catch.hpp"

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;

namespace {

void write_all(const Batch<>& batch, LedgerStore::Transaction& transaction) {
  for (const auto& record : batch) transaction.add({record.topic(), record.partition()}, record.offset());
}

[[nodiscard]] bool reaches(const LedgerStore& ledger, std::size_t results, std::int32_t partition = 0) {
  return eventually([&] { return ledger.results(Scene::orders(partition)).size() >= results; }, patience);
}

ConsumerOptions quick_options(const Scene& scene, std::int32_t partitions = 1) {
  auto options = scene.options(partitions);
  options.store_retry = {.first_delay = 1ms, .max_delay = 2ms, .give_up_after = 1h};
  return options;
}

}  // namespace

TEST_CASE("results and offsets go in together", "[engine]") {
  Scene scene;
  scene.produce(0, 100);
  LedgerStore ledger;
  auto options = quick_options(scene);
  options.batch.max_records = 10;
  MicroBatchConsumer<> consumer{options, ledger, write_all};
  Running running{consumer};
  REQUIRE(reaches(ledger, 100));
  running.stop();
  CHECK(ledger.results(Scene::orders(0)) == offsets_between(0, 100));
  CHECK(ledger.list("billing") == std::vector<StoredOffset>{{Scene::orders(0), 100}});
  std::int64_t next = 0;
  for (const auto& commit : scene.observer->heard().commits) next = commit.ranges.front().until;
  CHECK(next == 100);
}

TEST_CASE("of a handler that throws nothing goes in, neither results nor offsets", "[engine]") {
  Scene scene;
  scene.produce(0, 10);
  LedgerStore ledger;
  MicroBatchConsumer<> consumer{quick_options(scene), ledger,
                                [](const Batch<>& batch, LedgerStore::Transaction& transaction) {
                                  write_all(batch, transaction);
                                  throw 42;
                                }};
  CHECK(error_of_run<int>(consumer) == 42);
  CHECK(ledger.results(Scene::orders(0)).empty());
  CHECK(ledger.list("billing").empty());
}

TEST_CASE("a transaction that fails is made again, and its results go in once", "[engine]") {
  const bool after_the_deed = GENERATE(false, true);
  INFO((after_the_deed ? "acknowledgement lost" : "nothing done"));
  Scene scene;
  scene.produce(0, 10);
  LedgerStore ledger;
  ledger.fail(after_the_deed ? 1 : 3, after_the_deed);
  auto options = quick_options(scene);
  options.batch = {.max_records = 10, .max_wait = 1h};
  MicroBatchConsumer<> consumer{options, ledger, [&](const Batch<>& batch, LedgerStore::Transaction& transaction) {
                                  scene.handled(batch);
                                  write_all(batch, transaction);
                                }};
  Running running{consumer};
  REQUIRE(eventually([&] { return !scene.observer->heard().commits.empty(); }, patience));
  running.stop();
  CHECK(ledger.results(Scene::orders(0)) == offsets_between(0, 10));
  const auto batches = scene.handled.batches();
  REQUIRE(batches.size() == (after_the_deed ? 2 : 4));
  for (std::size_t i = 0; i < batches.size(); ++i) CHECK(batches[i].attempt == static_cast<int>(i) + 1);
  CHECK(scene.observer->heard().conflicts.empty());
}

TEST_CASE("a conflict rolls back, and the rest of the batch is handled again without that partition", "[engine]") {
  Scene scene;
  scene.produce(0, 10);
  scene.produce(1, 10);
  LedgerStore ledger;
  const StoredOffset elsewhere{Scene::orders(0), 8};
  auto options = quick_options(scene, 2);
  options.batch = {.max_records = 20, .max_wait = 50ms};
  bool is_first = true;
  MicroBatchConsumer<> consumer{options, ledger, [&](const Batch<>& batch, LedgerStore::Transaction& transaction) {
                                  scene.handled(batch);
                                  write_all(batch, transaction);
                                  // Somebody moves a partition while we are at it.
                                  if (std::exchange(is_first, false)) ledger.overwrite("billing", {&elsewhere, 1});
                                }};
  Running running{consumer};
  REQUIRE(reaches(ledger, 2, 0));
  REQUIRE(reaches(ledger, 10, 1));
  running.stop();
  CHECK(ledger.results(Scene::orders(0)) == offsets_between(8, 10));
  CHECK(ledger.results(Scene::orders(1)) == offsets_between(0, 10));
  const auto batches = scene.handled.batches();
  REQUIRE(batches.size() >= 2);
  if (batches[0].ranges.size() == 2) {
    CHECK(batches[1].attempt == 2);
    CHECK(batches[1].ranges == std::vector<OffsetRange>{{Scene::orders(1), 0, 10}});
  }
}

TEST_CASE("what another owner has applied already is not applied again", "[engine]") {
  Scene scene;
  scene.produce(0, 10);
  LedgerStore ledger;
  const StoredOffset done{Scene::orders(0), 10};
  auto options = quick_options(scene);
  options.batch = {.max_records = 10, .max_wait = 1h};
  MicroBatchConsumer<> consumer{options, ledger, [&](const Batch<>& batch, LedgerStore::Transaction& transaction) {
                                  write_all(batch, transaction);
                                  ledger.overwrite("billing", {&done, 1});
                                }};
  Running running{consumer};
  REQUIRE(eventually([&] { return !scene.observer->heard().commits.empty(); }, patience));
  running.stop();
  CHECK(ledger.results(Scene::orders(0)).empty());
  CHECK(scene.observer->heard().conflicts.empty());
}

TEST_CASE("several workers write their transactions at once", "[engine]") {
  Scene scene;
  for (std::int32_t partition = 0; partition < 3; ++partition) scene.produce(partition, 200);
  LedgerStore ledger;
  auto options = quick_options(scene, 3);
  options.concurrency = 3;
  options.batch.max_records = 7;
  MicroBatchConsumer<> consumer{options, ledger, write_all};
  Running running{consumer};
  for (std::int32_t partition = 0; partition < 3; ++partition) REQUIRE(reaches(ledger, 200, partition));
  running.stop();
  for (std::int32_t partition = 0; partition < 3; ++partition)
    CHECK(ledger.results(Scene::orders(partition)) == offsets_between(0, 200));
}
