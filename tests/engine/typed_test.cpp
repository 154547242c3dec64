#include <atomic>
#include <mutex>
#include <stdexcept>

#include <tidemark/decoder.hpp>
#include <tidemark/micro_batch_consumer.hpp>

#include "engine/ledger_store.hpp"
#include "engine/recording_sink.hpp"
#include "engine/scene.hpp"
#include "support/catch.hpp"

namespace {

struct Order {
  int number = 0;
  std::string customer;
};

}  // namespace

template <>
struct tidemark::Decoder<Order> {
  Order operator()(const Record<>& record) const {
    return {std::stoi(std::string{record.value().text()}), std::string{record.key().text()}};
  }
};

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;

TEST_CASE("values come decoded, with key, timestamp and headers at hand", "[engine]") {
  Scene scene;
  const std::chrono::system_clock::time_point at{1'356'998'400'123ms};
  scene.broker.produce(
      {.topic = "orders", .partition = 0, .key = "ada", .value = "7", .headers = {{"trace", "1"}}, .timestamp = at});
  scene.broker.produce({.topic = "orders", .partition = 0, .key = "bob", .value = "8"});
  scene.broker.flush();
  std::vector<Order> orders;
  std::vector<bool> details;
  MicroBatchConsumer<Order> consumer{scene.options(), scene.store, [&](const Batch<Order>& batch) {
                                       for (const auto& record : batch) orders.push_back(record.value());
                                       if (batch[0].offset() != 0) return;
                                       details.push_back(batch[0].key() == "ada");
                                       details.push_back(batch[0].timestamp() == at);
                                       details.push_back(batch[0].headers().find("trace") == Bytes{"1"});
                                     }};
  Running running{consumer};
  REQUIRE(scene.reaches(2));
  running.stop();
  REQUIRE(orders.size() == 2);
  CHECK(orders[0].number == 7);
  CHECK(orders[0].customer == "ada");
  CHECK(orders[1].number == 8);
  CHECK(orders[1].customer == "bob");
  CHECK(details == std::vector{true, true, true});
}

TEST_CASE("what a decoder throws ends the consumer, and nothing of the batch moves", "[engine]") {
  Scene scene;
  scene.broker.produce({.topic = "orders", .partition = 0, .value = "not a number"});
  scene.broker.flush();
  MicroBatchConsumer<Order> consumer{scene.options(), scene.store, [](const Batch<Order>&) {}};
  CHECK_NOTHROW(error_of_run<std::invalid_argument>(consumer));
  CHECK_FALSE(scene.stored());
}

TEST_CASE("strings are decoded out of the box, null as an empty one", "[engine]") {
  Scene scene;
  scene.broker.produce({.topic = "orders", .partition = 0, .value = "7"});
  scene.broker.produce({.topic = "orders", .partition = 0});
  scene.broker.flush();
  std::vector<std::string> values;
  MicroBatchConsumer<std::string> consumer{scene.options(), scene.store, [&](const Batch<std::string>& batch) {
                                             for (const auto& record : batch) values.push_back(record.value());
                                           }};
  Running running{consumer};
  REQUIRE(scene.reaches(2));
  running.stop();
  CHECK(values == std::vector<std::string>{"7", ""});
}

TEST_CASE("null keys and values are told from empty ones", "[engine]") {
  Scene scene;
  scene.broker.produce({.topic = "orders", .partition = 0});
  scene.broker.produce({.topic = "orders", .partition = 0, .key = "", .value = ""});
  scene.broker.flush();
  std::vector<bool> nulls;
  MicroBatchConsumer<> consumer{scene.options(), scene.store, [&](const Batch<>& batch) {
                                  for (const auto& record : batch) {
                                    nulls.push_back(record.key().is_null());
                                    nulls.push_back(record.value().is_null());
                                  }
                                }};
  Running running{consumer};
  REQUIRE(scene.reaches(2));
  running.stop();
  CHECK(nulls == std::vector{true, true, false, false});
}

namespace {

/// "0", "x", "2", "y" as orders.
struct MixedScene : Scene {
  std::shared_ptr<RecordingSink> sink = std::make_shared<RecordingSink>();

  MixedScene() {
    for (const auto* value : {"0", "x", "2", "y"}) broker.produce({.topic = "orders", .partition = 0, .value = value});
    broker.flush();
  }

  ConsumerOptions options() const {
    auto options = Scene::options();
    options.batch = {.max_records = 4, .max_wait = 1h};
    options.dead_letters = sink;
    return options;
  }
};

}  // namespace

TEST_CASE("what cannot be decoded becomes a dead letter, and the others are handled", "[engine]") {
  MixedScene scene;
  std::vector<std::pair<std::int64_t, int>> handled;
  MicroBatchConsumer<Order> consumer{scene.options(), scene.store, [&](const Batch<Order>& batch) {
                                       for (const auto& record : batch)
                                         handled.emplace_back(record.offset(), record.value().number);
                                       batch.reject(batch[0], "mine");
                                     }};
  Running running{consumer};
  REQUIRE(scene.reaches(4));
  running.stop();
  CHECK(handled == std::vector<std::pair<std::int64_t, int>>{{0, 0}, {2, 2}});
  CHECK(scene.sink->offsets() == std::vector<std::int64_t>{1, 3, 0});
  const auto letters = scene.sink->letters();
  CHECK(letters[0].reason == DeadLetterReason::undecodable);
  CHECK(letters[0].why == "stoi");
  CHECK(letters[0].value == "x");
  CHECK(letters[2].reason == DeadLetterReason::rejected);
}

TEST_CASE("what cannot be decoded ends the consumer, if so configured", "[engine]") {
  MixedScene scene;
  auto options = scene.options();
  options.undecodable = UndecodablePolicy::fail;
  MicroBatchConsumer<Order> consumer{options, scene.store, [](const Batch<Order>&) {}};
  CHECK_NOTHROW(error_of_run<std::invalid_argument>(consumer));
  CHECK_FALSE(scene.stored());
  CHECK(scene.sink->offsets().empty());
}

TEST_CASE("where nothing can be decoded the handler is not called, and the offsets move", "[engine]") {
  MixedScene scene;
  std::atomic<int> calls = 0;
  const auto throws = [](const Record<>&) -> Order { throw 42; };
  SECTION("with a plain handler") {
    MicroBatchConsumer<Order> consumer{scene.options(), scene.store, [&](const Batch<Order>&) { ++calls; }, throws};
    Running running{consumer};
    REQUIRE(scene.reaches(4));
  }
  SECTION("in a transaction") {
    LedgerStore ledger;
    MicroBatchConsumer<Order> consumer{scene.options(), ledger,
                                       [&](const Batch<Order>&, LedgerStore::Transaction&) { ++calls; }, throws};
    Running running{consumer};
    REQUIRE(eventually([&] { return !ledger.list("billing").empty(); }, patience));
  }
  CHECK(calls == 0);
  CHECK(scene.sink->offsets() == offsets_between(0, 4));
}

TEST_CASE("a decoder may be a callable, and each worker has its own", "[engine]") {
  Scene scene;
  for (std::int32_t partition = 0; partition < 3; ++partition) scene.produce(partition, 10);
  auto options = scene.options(3);
  options.concurrency = 3;
  options.batch = {.max_records = 10, .max_wait = 1h};
  std::mutex mutex;
  std::vector<int> values;
  const auto count = [calls = 0](const Record<>&) mutable { return ++calls; };
  MicroBatchConsumer<int> consumer{options, scene.store,
                                   [&](const Batch<int>& batch) {
                                     const std::lock_guard lock{mutex};
                                     for (const auto& record : batch) values.push_back(record.value());
                                   },
                                   count};
  Running running{consumer};
  for (std::int32_t partition = 0; partition < 3; ++partition) REQUIRE(scene.reaches(10, partition));
  running.stop();
  std::ranges::sort(values);
  std::vector<int> expected;
  for (int i = 1; i <= 10; ++i) expected.insert(expected.end(), 3, i);
  CHECK(values == expected);
}

TEST_CASE("a decoder that writes over gets the values of the batch before, with their memory", "[engine]") {
  Scene scene;
  scene.produce(0, 20);
  auto options = scene.options();
  options.batch = {.max_records = 10, .max_wait = 1h};
  std::vector<bool> had_memory;
  const auto decode = [&](const Record<>& record, std::vector<char>& into) {
    had_memory.push_back(into.capacity() >= 100);
    into.assign(record.value().data(), record.value().data() + record.value().size());
    into.reserve(100);
  };
  std::vector<std::string> values;
  MicroBatchConsumer<std::vector<char>> consumer{options, scene.store,
                                                 [&](const Batch<std::vector<char>>& batch) {
                                                   for (const auto& record : batch)
                                                     values.emplace_back(record.value().begin(), record.value().end());
                                                 },
                                                 decode};
  Running running{consumer};
  REQUIRE(scene.reaches(20));
  running.stop();
  REQUIRE(had_memory.size() == 20);
  for (std::size_t i = 0; i < 20; ++i) {
    CHECK(had_memory[i] == (i >= 10));
    CHECK(values[i] == std::to_string(i));
  }
}

TEST_CASE("records that the filter drops are not decoded, and their offsets move", "[engine]") {
  MixedScene scene;
  auto options = scene.options();
  options.dead_letters = nullptr;
  std::vector<int> handled;
  const bool drops_all = GENERATE(false, true);
  options.filter = [=](const Record<>& record) { return !drops_all && record.offset() % 2 == 0; };
  MicroBatchConsumer<Order> consumer{options, scene.store, [&](const Batch<Order>& batch) {
                                       for (const auto& record : batch) handled.push_back(record.value().number);
                                     }};
  Running running{consumer};
  REQUIRE(scene.reaches(4));
  running.stop();
  CHECK(handled == (drops_all ? std::vector<int>{} : std::vector{0, 2}));
}

TEST_CASE("what a filter throws ends the consumer, whatever is to be done with what the handler throws", "[engine]") {
  MixedScene scene;
  auto options = scene.options();
  options.handler_retry.when_exhausted = WhenExhausted::skip;
  options.filter = [](const Record<>& record) -> bool {
    if (record.offset() == 1) throw 42;
    return false;
  };
  MicroBatchConsumer<> consumer{options, scene.store, [](const Batch<>&) {}};
  CHECK(error_of_run<int>(consumer) == 42);
  CHECK_FALSE(scene.stored());
}
