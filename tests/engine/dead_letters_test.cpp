#include <atomic>
#include <stdexcept>
#include <thread>

#include <tidemark/error.hpp>
#include <tidemark/micro_batch_consumer.hpp>

#include "engine/ledger_store.hpp"
#include "engine/recording_sink.hpp"
#include "engine/scene.hpp"
#include "support/catch.hpp"

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;

namespace {

struct DeadLetterScene : Scene {
  std::shared_ptr<RecordingSink> sink = std::make_shared<RecordingSink>();

  ConsumerOptions options() const {
    auto options = Scene::options();
    options.batch = {.max_records = 10, .max_wait = 1h};
    options.dead_letters = sink;
    options.store_retry = {.first_delay = 1ms, .max_delay = 2ms, .give_up_after = 1h};
    return options;
  }
};

void reject_odd(const Batch<>& batch) {
  for (const auto& record : batch)
    if (record.offset() % 2 == 1) batch.reject(record, "odd");
}

const std::vector<std::int64_t> odd{1, 3, 5, 7, 9};

}  // namespace

TEST_CASE("rejected records are in the sink before the offsets move, and the others are handled", "[engine]") {
  DeadLetterScene scene;
  scene.produce(0, 10);
  std::optional<std::int64_t> stored_before{-1};
  scene.sink->on_write = [&] { stored_before = scene.stored(); };
  MicroBatchConsumer<> consumer{scene.options(), scene.store, reject_odd};
  Running running{consumer};
  REQUIRE(scene.reaches(10));
  running.stop();
  CHECK_FALSE(stored_before);
  CHECK(scene.sink->offsets() == odd);
  const auto letter = scene.sink->letters().front();
  CHECK(letter.partition == Scene::orders(0));
  CHECK(letter.value == "1");
  CHECK(letter.group == "billing");
  CHECK(letter.reason == DeadLetterReason::rejected);
  CHECK(letter.why == "odd");
  CHECK(letter.attempts == 1);
  CHECK(scene.observer->heard().dead_letters == odd);
}

TEST_CASE("records may be rejected from several threads at once, and twice", "[engine]") {
  DeadLetterScene scene;
  scene.produce(0, 10);
  MicroBatchConsumer<> consumer{scene.options(), scene.store, [](const Batch<>& batch) {
                                  std::thread other{[&] { reject_odd(batch); }};
                                  reject_odd(batch);
                                  other.join();
                                }};
  Running running{consumer};
  REQUIRE(scene.reaches(10));
  running.stop();
  auto offsets = scene.sink->offsets();
  std::ranges::sort(offsets);
  CHECK(offsets == odd);
}

TEST_CASE("to reject 100,000 records of one batch takes no longer each than to reject a few", "[engine]") {
  DeadLetterScene scene;
  scene.produce(0, 100'000);
  auto options = scene.options();
  options.batch.max_records = 100'000;
  options.memory_budget_bytes = 256u << 20;  // or it closes the batch before
  std::chrono::steady_clock::duration time{};
  MicroBatchConsumer<> consumer{options, scene.store, [&](const Batch<>& batch) {
                                  const auto began = std::chrono::steady_clock::now();
                                  for (const auto& record : batch) batch.reject(record, "all of them");
                                  time = std::chrono::steady_clock::now() - began;
                                }};
  Running running{consumer};
  REQUIRE(scene.reaches(100'000));
  running.stop();
  CHECK(scene.sink->letters().size() == 100'000);
  CHECK(time < 5s);  // one by one through all before takes half a minute
}

TEST_CASE("what a call that fails has rejected counts for nothing", "[engine]") {
  DeadLetterScene scene;
  scene.produce(0, 10);
  auto options = scene.options();
  options.handler_retry = {.attempts = 2, .first_delay = 1ms};
  MicroBatchConsumer<> consumer{options, scene.store, [](const Batch<>& batch) {
                                  batch.reject(batch[batch.attempt() == 1 ? 0u : 1u], "why");
                                  if (batch.attempt() == 1) throw 42;
                                }};
  Running running{consumer};
  REQUIRE(scene.reaches(10));
  running.stop();
  REQUIRE(scene.sink->offsets() == std::vector<std::int64_t>{1});
  CHECK(scene.sink->letters().front().attempts == 2);
}

TEST_CASE("while the sink fails nothing is committed, and the handler is not called again", "[engine]") {
  DeadLetterScene scene;
  scene.produce(0, 10);
  std::atomic<int> failures = 0;
  bool moved = false;
  scene.sink->on_write = [&] {
    moved = moved || scene.stored().has_value();
    if (++failures <= 3) throw std::runtime_error{"the sink is full"};
  };
  std::atomic<int> calls = 0;
  MicroBatchConsumer<> consumer{scene.options(), scene.store, [&](const Batch<>& batch) {
                                  ++calls;
                                  reject_odd(batch);
                                }};
  Running running{consumer};
  REQUIRE(scene.reaches(10));
  running.stop();
  CHECK_FALSE(moved);
  CHECK(calls == 1);
  CHECK(scene.sink->offsets() == odd);
}

TEST_CASE("a sink that goes on failing ends the consumer, which is no failure of the handler", "[engine]") {
  DeadLetterScene scene;
  scene.produce(0, 10);
  auto options = scene.options();
  options.handler_retry = {.attempts = 5, .first_delay = 1ms, .when_exhausted = WhenExhausted::skip};
  StoreError::Retry retry = StoreError::Retry::no;
  SECTION("for good") {}
  SECTION("for too long") {
    retry = StoreError::Retry::yes;
    options.store_retry.give_up_after = 20ms;
  }
  scene.sink->on_write = [&] { throw StoreError{"the sink is gone", retry}; };
  int calls = 0;
  MicroBatchConsumer<> consumer{options, scene.store, [&](const Batch<>& batch) {
                                  ++calls;
                                  reject_odd(batch);
                                }};
  CHECK(error_of_run<StoreError>(consumer).what() == std::string{"the sink is gone"});
  CHECK(calls == 1);
  CHECK_FALSE(scene.stored());
}

TEST_CASE("a consumer whose sink fails can be stopped: nothing of the batch moves", "[engine]") {
  DeadLetterScene scene;
  scene.produce(0, 10);
  auto options = scene.options();
  options.store_retry = {.first_delay = 1h, .max_delay = 1h, .give_up_after = 24h};
  options.stop_timeout = 10ms;
  std::atomic<bool> failed = false;
  scene.sink->on_write = [&] {
    failed = true;
    throw std::runtime_error{"the sink is full"};
  };
  MicroBatchConsumer<> consumer{options, scene.store, reject_odd};
  Running running{consumer};
  REQUIRE(eventually([&] { return failed.load(); }, patience));
  running.stop();
  CHECK_FALSE(scene.stored());
}

TEST_CASE("to reject without a sink ends the consumer, even if the handler swallows the error", "[engine]") {
  const bool swallows = GENERATE(false, true);
  DeadLetterScene scene;
  scene.produce(0, 10);
  auto options = scene.options();
  options.dead_letters = nullptr;
  options.handler_retry = {.attempts = 5, .first_delay = 1ms, .when_exhausted = WhenExhausted::skip};
  int calls = 0;
  const auto reject = [&](const Batch<>& batch) {
    ++calls;
    try {
      reject_odd(batch);
    } catch (const ConfigError&) {
      if (!swallows) throw;
    }
  };
  SECTION("with a plain handler") {
    MicroBatchConsumer<> consumer{options, scene.store, reject};
    CHECK_THAT(error_of_run<ConfigError>(consumer).what(), containing("ConsumerOptions::dead_letters"));
    CHECK_FALSE(scene.stored());
  }
  SECTION("in a transaction") {
    LedgerStore ledger;
    MicroBatchConsumer<> consumer{options, ledger,
                                  [&](const Batch<>& batch, LedgerStore::Transaction&) { reject(batch); }};
    CHECK_THAT(error_of_run<ConfigError>(consumer).what(), containing("ConsumerOptions::dead_letters"));
    CHECK(ledger.list("billing").empty());
  }
  CHECK(calls == 1);
}

TEST_CASE("in a transaction rejected records are in the sink before results and offsets go in", "[engine]") {
  DeadLetterScene scene;
  scene.produce(0, 10);
  LedgerStore ledger;
  int failures = 0;
  bool moved = false;
  scene.sink->on_write = [&] {
    moved = moved || !ledger.list("billing").empty();
    if (++failures == 1) throw std::runtime_error{"the sink is full"};
  };
  MicroBatchConsumer<> consumer{scene.options(), ledger,
                                [&](const Batch<>& batch, LedgerStore::Transaction& transaction) {
                                  reject_odd(batch);
                                  for (const auto& record : batch)
                                    if (record.offset() % 2 == 0) transaction.add(Scene::orders(0), record.offset());
                                }};
  Running running{consumer};
  REQUIRE(eventually([&] { return !ledger.list("billing").empty(); }, patience));
  running.stop();
  CHECK_FALSE(moved);
  CHECK(scene.sink->offsets() == odd);
  CHECK(ledger.results(Scene::orders(0)) == std::vector<std::int64_t>{0, 2, 4, 6, 8});
}

TEST_CASE("a batch that keeps failing goes to the sink as a whole, if so configured", "[engine]") {
  DeadLetterScene scene;
  scene.produce(0, 20);
  auto options = scene.options();
  options.handler_retry = {.attempts = 3, .first_delay = 1ms, .when_exhausted = WhenExhausted::dead_letter};
  MicroBatchConsumer<> consumer{options, scene.store, [&](const Batch<>& batch) {
                                  if (batch[0].offset() == 0) throw std::runtime_error{"never"};
                                  scene.handled(batch);
                                }};
  Running running{consumer};
  REQUIRE(scene.reaches(20));
  running.stop();
  CHECK(scene.sink->offsets() == offsets_between(0, 10));
  CHECK(scene.handled.offsets(Scene::orders(0)) == offsets_between(10, 20));
  const auto letter = scene.sink->letters().back();
  CHECK(letter.reason == DeadLetterReason::exhausted);
  CHECK(letter.why == "never");
  CHECK(letter.attempts == 3);
}
