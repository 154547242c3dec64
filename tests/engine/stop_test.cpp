#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <span>
#include <thread>

#include <tidemark/error.hpp>
#include <tidemark/micro_batch_consumer.hpp>
#include <tidemark/testing/faulty_offset_store.hpp>
#include <tidemark/testing/memory_offset_store.hpp>

#include "engine/gate.hpp"
#include "engine/scene.hpp"
#include "support/catch.hpp"
#include "support/free_port.hpp"

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;
using testing::Fault;

namespace {

constexpr int for_ever = 1'000'000'000;

/// Its commits never end by themselves.
class UntilStopped final : public testing::MemoryOffsetStore {
 public:
  std::optional<Conflict> commit(const GroupSession& session, std::span<const OffsetRange>) override {
    std::unique_lock lock{mutex_};
    deadline_ = session.deadline;
    never_.wait_for(lock, session.stop, 1min, [] { return false; });
    throw StoreError{"the call was to end", StoreError::Retry::yes};
  }
  /// Of the last commit; nullopt before the first one.
  std::optional<std::chrono::steady_clock::time_point> deadline() {
    const std::lock_guard lock{mutex_};
    return deadline_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any never_;
  std::optional<std::chrono::steady_clock::time_point> deadline_;
};

}  // namespace

TEST_CASE("stopped before it runs, a consumer does nothing and returns", "[engine]") {
  Scene scene;
  scene.produce(0, 10);
  MicroBatchConsumer<> consumer{scene.options(), scene.store, std::ref(scene.handled)};
  consumer.stop();
  Running running{consumer};
  running.join();
  CHECK(scene.handled.count() == 0);
  CHECK_FALSE(scene.stored());
}

TEST_CASE("stopped from inside the handler, the batch in hand is the last and is committed", "[engine]") {
  Scene scene;
  scene.produce(0, 100);
  auto options = scene.options();
  options.batch.max_records = 10;
  std::optional<MicroBatchConsumer<>> consumer;
  consumer.emplace(options, scene.store, [&](const Batch<>& batch) {
    scene.handled(batch);
    consumer->stop();
    wait_for_stop(batch);
  });
  Running running{*consumer};
  running.join();
  CHECK(scene.handled.count() == 10);
  CHECK(scene.stored() == 10);
}

TEST_CASE("stopped while idle, a consumer returns", "[engine]") {
  Scene scene;
  scene.produce(0, 10);
  MicroBatchConsumer<> consumer{scene.options(), scene.store, std::ref(scene.handled)};
  Running running{consumer};
  REQUIRE(scene.reaches(10));
  running.stop();
  CHECK(scene.stored() == 10);
}

TEST_CASE("stopped as a member of a group, a consumer returns, wherever its first join stands", "[engine]") {
  Scene scene;
  MicroBatchConsumer<> consumer{scene.member_options(), scene.store, std::ref(scene.handled)};
  Running running{consumer};
  SECTION("while it joins") { consumer.stop(); }
  SECTION("when it has joined") {
    REQUIRE(eventually([&] { return !scene.observer->heard().rebalances.empty(); }, patience));
    consumer.stop();
  }
  running.join();
}

TEST_CASE("stopping twice, from several threads, is stopping once", "[engine]") {
  Scene scene;
  scene.produce(0, 10);
  MicroBatchConsumer<> consumer{scene.options(), scene.store, std::ref(scene.handled)};
  Running running{consumer};
  REQUIRE(scene.reaches(10));
  std::thread other{[&] { consumer.stop(); }};
  consumer.stop();
  running.join();
  other.join();
  consumer.stop();
  CHECK(scene.stored() == 10);
}

TEST_CASE("stopped while handling, the handler is told and its batch committed", "[engine]") {
  Scene scene;
  scene.produce(0, 10);
  Gate gate;
  MicroBatchConsumer<> consumer{scene.options(), scene.store, [&](const Batch<>& batch) {
                                  gate.arrive();
                                  wait_for_stop(batch);
                                  scene.handled(batch);
                                }};
  Running running{consumer};
  REQUIRE(gate.is_reached());
  running.stop();
  CHECK(scene.stored() == static_cast<std::int64_t>(scene.handled.count()));
  CHECK(scene.handled.count() > 0);
}

TEST_CASE("a handler that throws because it was told to stop gives its batch up, and run() returns", "[engine]") {
  Scene scene;
  scene.produce(0, 10);
  Gate gate;
  MicroBatchConsumer<> consumer{scene.options(), scene.store, [&](const Batch<>& batch) {
                                  gate.arrive();
                                  wait_for_stop(batch);
                                  throw 42;
                                }};
  Running running{consumer};
  REQUIRE(gate.is_reached());
  CHECK_NOTHROW(running.stop());
  CHECK_FALSE(scene.stored());
  CHECK_FALSE(scene.observer->heard().errors.empty());
}

TEST_CASE("a batch that is not finished within stop_timeout is not committed", "[engine]") {
  Scene scene;
  scene.produce(0, 10);
  Gate gate;
  auto options = scene.member_options();
  options.stop_timeout = 10ms;
  MicroBatchConsumer<> consumer{options, scene.store, [&](const Batch<>&) { gate.pass(); }};
  Running running{consumer};
  REQUIRE(gate.is_reached());
  consumer.stop();
  // The group is left although the handler is still at it; only then may it go on.
  CHECK(eventually([&] { return scene.observer->heard().rebalances.size() == 2; }, patience));
  gate.open();
  running.join();
  CHECK_FALSE(scene.stored());
}

TEST_CASE("stopped while the store takes no commits, a consumer returns within stop_timeout", "[engine]") {
  Scene scene;
  scene.produce(0, 10);
  testing::FaultyOffsetStore store{scene.store, {{.call = Fault::Call::commit, .times = for_ever}}};
  auto options = scene.options();
  options.stop_timeout = 100ms;
  options.store_retry = {.first_delay = 1h, .max_delay = 1h, .give_up_after = 24h};
  MicroBatchConsumer<> consumer{options, store, std::ref(scene.handled)};
  Running running{consumer};
  REQUIRE(eventually([&] { return store.commits() > 0; }, patience));
  CHECK_NOTHROW(running.stop());
  CHECK_FALSE(scene.stored());
}

TEST_CASE("stopped while the store does not answer what is stored, a consumer returns", "[engine]") {
  Scene scene;
  scene.produce(0, 10);
  testing::FaultyOffsetStore store{scene.store, {{.call = Fault::Call::load, .times = for_ever}}};
  auto options = scene.options();
  const auto delay = GENERATE(std::chrono::milliseconds{1ms}, std::chrono::milliseconds{1h});
  options.store_retry = {.first_delay = delay, .max_delay = delay, .give_up_after = 24h};
  MicroBatchConsumer<> consumer{options, store, std::ref(scene.handled)};
  Running running{consumer};
  REQUIRE(eventually([&] { return store.loads() > 0; }, patience));
  CHECK_NOTHROW(running.stop());
  CHECK(scene.handled.count() == 0);
}

TEST_CASE("stopped while no broker can be reached, a consumer returns", "[engine]") {
  testing::MemoryOffsetStore store;
  ConsumerOptions options;
  options.brokers = "127.0.0.1:" + std::to_string(free_port());
  options.group = "billing";
  options.topics = {"orders"};
  options.connect_timeout = 1h;
  const auto observer = std::make_shared<RecordingObserver>();
  options.observer = observer;
  MicroBatchConsumer<> consumer{options, store, [](const Batch<>&) {}};
  Running running{consumer};
  REQUIRE(eventually([&] { return !observer->heard().errors.empty(); }, patience));
  CHECK_NOTHROW(running.stop());
}

TEST_CASE("a consumer can be made and destroyed without being run", "[engine]") {
  Scene scene;
  MicroBatchConsumer<> consumer{scene.options(), scene.store, std::ref(scene.handled)};
}

TEST_CASE("consumers come and go a hundred times, and each ends within a second of stop()", "[engine]") {
  Scene scene;
  int slow = 0;
  for (int i = 0; i < 100; ++i) {
    scene.produce(0, 1);
    MicroBatchConsumer<> consumer{scene.options(), scene.store, std::ref(scene.handled)};
    Running running{consumer};
    REQUIRE(scene.reaches(i + 1));
    const auto stopped = std::chrono::steady_clock::now();
    running.stop();
    if (std::chrono::steady_clock::now() - stopped > 900ms) ++slow;
  }
  CHECK(scene.handled.offsets(Scene::orders(0)) == offsets_between(0, 100));
  // It takes milliseconds. librdkafka 2.5 to 2.8 would sit out a second, one time in ten; a busy machine may once.
  CHECK(slow <= 3);
}

TEST_CASE("a store that heeds the session's stop keeps run() no longer than stop_timeout", "[engine]") {
  Scene scene;
  scene.produce(0, 10);
  UntilStopped store;
  auto options = scene.options();
  options.stop_timeout = 500ms;
  options.store_retry.give_up_after = 10min;
  MicroBatchConsumer<> consumer{options, store, std::ref(scene.handled)};
  const auto began = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point stopped;
  std::jthread stopping{[&] {
    if (eventually([&] { return store.deadline().has_value(); }, patience)) stopped = std::chrono::steady_clock::now();
    consumer.stop();
  }};
  consumer.run();  // its partitions were given up by then, so that it is no error
  CHECK(std::chrono::steady_clock::now() - stopped < 20s);
  REQUIRE(store.deadline());
  CHECK(*store.deadline() > began + 9min);
  CHECK(*store.deadline() < std::chrono::steady_clock::now() + 11min);
}
