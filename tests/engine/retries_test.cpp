#include <atomic>
#include <optional>
#include <stdexcept>

#include <tidemark/error.hpp>
#include <tidemark/micro_batch_consumer.hpp>

#include "engine/gate.hpp"
#include "engine/ledger_store.hpp"
#include "engine/scene.hpp"
#include "support/catch.hpp"

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;

namespace {

ConsumerOptions retrying(const Scene& scene, int attempts, WhenExhausted when_exhausted = WhenExhausted::stop) {
  auto options = scene.options();
  options.batch = {.max_records = 10, .max_wait = 1h};
  options.handler_retry = {.attempts = attempts,
                           .first_delay = 1ms,
                           .max_delay = 2ms,
                           .give_up_after = 1h,
                           .when_exhausted = when_exhausted};
  return options;
}

}  // namespace

TEST_CASE("a handler that throws gets the same batch again, and attempt() counts", "[engine]") {
  Scene scene;
  scene.produce(0, 20);
  MicroBatchConsumer<> consumer{retrying(scene, 3), scene.store, [&](const Batch<>& batch) {
                                  scene.handled(batch);
                                  if (batch.attempt() < 3) throw std::runtime_error{"not yet"};
                                }};
  Running running{consumer};
  REQUIRE(scene.reaches(20));
  running.stop();
  const auto batches = scene.handled.batches();
  REQUIRE(batches.size() == 6);
  for (std::size_t i = 0; i < batches.size(); ++i) {
    CHECK(batches[i].attempt == static_cast<int>(i % 3) + 1);
    CHECK(batches[i].ranges == batches[i - i % 3].ranges);
    CHECK(batches[i].records.size() == 10);
  }
  CHECK(scene.observer->heard().retries == std::vector<std::string>{"not yet", "not yet", "not yet", "not yet"});
}

TEST_CASE("when its attempts are used up the consumer ends with the last exception, and nothing of the batch moves",
          "[engine]") {
  Scene scene;
  scene.produce(0, 10);
  int calls = 0;
  MicroBatchConsumer<> consumer{retrying(scene, 4), scene.store, [&](const Batch<>&) { throw ++calls; }};
  CHECK(error_of_run<int>(consumer) == 4);
  CHECK_FALSE(scene.stored());
}

TEST_CASE("a fatal error is not tried again, whatever else is to happen", "[engine]") {
  Scene scene;
  scene.produce(0, 10);
  auto options = retrying(scene, 4, WhenExhausted::skip);
  options.handler_retry.fatal = errors_of<int>();
  int calls = 0;
  MicroBatchConsumer<> consumer{options, scene.store, [&](const Batch<>&) { throw ++calls; }};
  CHECK(error_of_run<int>(consumer) == 1);
  CHECK_FALSE(scene.stored());
}

TEST_CASE("an error that is not worth another try skips the batch at once, and the observer hears of it", "[engine]") {
  Scene scene;
  scene.produce(0, 20);
  auto options = retrying(scene, 4, WhenExhausted::skip);
  options.handler_retry.retryable = errors_of<int>();
  MicroBatchConsumer<> consumer{options, scene.store, [&](const Batch<>& batch) {
                                  if (batch[0].offset() == 0) throw std::runtime_error{"never"};
                                  scene.handled(batch);
                                }};
  Running running{consumer};
  REQUIRE(scene.reaches(20));
  running.stop();
  CHECK(scene.handled.offsets(Scene::orders(0)) == offsets_between(10, 20));
  const auto skips = scene.observer->heard().skips;
  REQUIRE(skips.size() == 1);
  CHECK(skips[0].ranges == std::vector<OffsetRange>{{Scene::orders(0), 0, 10}});
  CHECK(skips[0].records == 10);
  CHECK(skips[0].attempts == 1);
  CHECK(skips[0].why == "never");
}

TEST_CASE("a stop ends the wait for the next attempt at once, and nothing of the batch moves", "[engine]") {
  Scene scene;
  scene.produce(0, 10);
  auto options = retrying(scene, 3);
  options.handler_retry.first_delay = options.handler_retry.max_delay = 1h;
  options.stop_timeout = 1h;
  MicroBatchConsumer<> consumer{options, scene.store, [&](const Batch<>&) { throw 42; }};
  Running running{consumer};
  REQUIRE(eventually([&] { return !scene.observer->heard().retries.empty(); }, patience));
  running.stop();
  CHECK_FALSE(scene.stored());
}

TEST_CASE("a consumer can be destroyed while it waits for the next attempt", "[engine]") {
  Scene scene;
  scene.produce(0, 10);
  auto options = retrying(scene, 3);
  options.handler_retry.first_delay = options.handler_retry.max_delay = 1h;
  std::promise<void> ended;
  {
    MicroBatchConsumer<> consumer{options, scene.store, [&](const Batch<>&) { throw 42; }};
    consumer.async_run([&](std::exception_ptr) { ended.set_value(); });
    REQUIRE(eventually([&] { return !scene.observer->heard().retries.empty(); }, patience));
  }
  CHECK(ended.get_future().wait_for(patience) == std::future_status::ready);
  CHECK_FALSE(scene.stored());
}

TEST_CASE("a revoke ends the wait for the next attempt: the partitions go to the member that has joined", "[engine]") {
  Scene scene;
  for (std::int32_t partition = 0; partition < 3; ++partition) scene.produce(partition, 10);
  auto options = scene.member_options();
  options.handler_retry = {.attempts = 3, .first_delay = 1h, .max_delay = 1h, .give_up_after = 24h};
  options.drain_timeout = 1h;
  options.stop_timeout = 1h;
  MicroBatchConsumer<> first{options, scene.store, [](const Batch<>&) { throw 42; }};
  Running failing{first};
  REQUIRE(eventually([&] { return !scene.observer->heard().retries.empty(); }, patience));
  MicroBatchConsumer<> second{scene.member_options(), scene.store, std::ref(scene.handled)};
  Running joining{second};
  CHECK(scene.handled.reaches(10));
  joining.stop();
  failing.stop();
}

TEST_CASE("what was handled before is committed while a later batch waits for its next attempt", "[engine]") {
  Scene scene;
  scene.produce(0, 20);
  auto options = retrying(scene, 3);
  options.max_uncommitted_batches = 4;
  options.handler_retry.first_delay = options.handler_retry.max_delay = 1h;
  MicroBatchConsumer<> consumer{options, scene.store, [&](const Batch<>& batch) {
                                  if (batch[0].offset() == 10) throw 42;
                                }};
  Running running{consumer};
  REQUIRE(eventually([&] { return !scene.observer->heard().retries.empty(); }, patience));
  CHECK(scene.reaches(10));
  running.stop();
  CHECK(scene.stored() == 10);
}

TEST_CASE("a transactional handler is called again in a transaction of its own, and its results go in once",
          "[engine]") {
  Scene scene;
  scene.produce(0, 10);
  LedgerStore ledger;
  MicroBatchConsumer<> consumer{retrying(scene, 3), ledger,
                                [&](const Batch<>& batch, LedgerStore::Transaction& transaction) {
                                  for (const auto& record : batch)
                                    transaction.add(Scene::orders(record.partition()), record.offset());
                                  if (batch.attempt() < 3) throw 42;
                                }};
  Running running{consumer};
  REQUIRE(eventually([&] { return !ledger.results(Scene::orders(0)).empty(); }, patience));
  running.stop();
  CHECK(ledger.results(Scene::orders(0)) == offsets_between(0, 10));
}

TEST_CASE("a skipped batch moves the offsets of a transactional store, without results", "[engine]") {
  Scene scene;
  scene.produce(0, 10);
  LedgerStore ledger;
  MicroBatchConsumer<> consumer{retrying(scene, 1, WhenExhausted::skip), ledger,
                                [&](const Batch<>& batch, LedgerStore::Transaction& transaction) {
                                  transaction.add(Scene::orders(0), batch[0].offset());
                                  throw 42;
                                }};
  Running running{consumer};
  REQUIRE(eventually([&] { return !ledger.list("billing").empty(); }, patience));
  running.stop();
  CHECK(ledger.list("billing") == std::vector<StoredOffset>{{Scene::orders(0), 10}});
  CHECK(ledger.results(Scene::orders(0)).empty());
}
