#include <atomic>
#include <stdexcept>

#include <tidemark/error.hpp>
#include <tidemark/micro_batch_consumer.hpp>
#include <tidemark/testing/faulty_offset_store.hpp>

#include "engine/scene.hpp"
#include "engine/scripted_store.hpp"
#include "support/catch.hpp"

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;
using testing::Fault;
using testing::FaultyOffsetStore;

namespace {

constexpr StoreRetry quick{.first_delay = 1ms, .max_delay = 2ms, .give_up_after = 1h};

ConsumerOptions quick_options(const Scene& scene, std::int32_t partitions = 1) {
  auto options = scene.options(partitions);
  options.store_retry = quick;
  return options;
}

}  // namespace

TEST_CASE("a commit that fails is tried again, and nothing is handled twice for it", "[engine]") {
  Scene scene;
  scene.produce(0, 10);
  FaultyOffsetStore store{scene.store, {{.call = Fault::Call::commit, .nth = 1, .times = 3}}};
  MicroBatchConsumer<> consumer{quick_options(scene), store, std::ref(scene.handled)};
  Running running{consumer};
  REQUIRE(scene.reaches(10));
  running.stop();
  CHECK(scene.handled.offsets(Scene::orders(0)) == offsets_between(0, 10));
  const auto heard = scene.observer->heard();
  CHECK(heard.conflicts.empty());
  CHECK(heard.errors.size() == 3);
  REQUIRE_FALSE(heard.commits.empty());
  CHECK(heard.commits.front().attempts == 4);
}

TEST_CASE("a commit whose acknowledgement was lost is found done, not done again", "[engine]") {
  Scene scene;
  scene.produce(0, 10);
  scene.produce(1, 10);
  FaultyOffsetStore store{scene.store,
                          {{.call = Fault::Call::commit, .nth = 1, .effect = Fault::Effect::loses_acknowledgement}}};
  auto options = quick_options(scene, 2);
  options.batch = {.max_records = 20, .max_wait = 1h};
  MicroBatchConsumer<> consumer{options, store, std::ref(scene.handled)};
  Running running{consumer};
  REQUIRE(eventually([&] { return !scene.observer->heard().commits.empty(); }, patience));
  running.stop();
  CHECK(store.commits() == 1);
  CHECK(scene.stored(0) == 10);
  CHECK(scene.stored(1) == 10);
  CHECK(scene.observer->heard().conflicts.empty());
  CHECK(scene.observer->heard().commits.front().attempts == 2);
  CHECK(scene.handled.count() == 20);
}

TEST_CASE("when loading fails too, a lost acknowledgement is resolved later", "[engine]") {
  Scene scene;
  scene.produce(0, 10);
  FaultyOffsetStore store{scene.store,
                          {{.call = Fault::Call::commit, .nth = 1, .effect = Fault::Effect::loses_acknowledgement},
                           {.call = Fault::Call::load, .nth = 2, .times = 3}}};
  auto options = quick_options(scene);
  options.batch = {.max_records = 10, .max_wait = 1h};
  MicroBatchConsumer<> consumer{options, store, std::ref(scene.handled)};
  Running running{consumer};
  REQUIRE(eventually([&] { return !scene.observer->heard().commits.empty(); }, patience));
  running.stop();
  CHECK(store.commits() == 1);
  CHECK(store.loads() == 5);
  CHECK(scene.observer->heard().conflicts.empty());
  CHECK(scene.handled.count() == 10);
}

TEST_CASE("a store that goes wrong now and then loses nothing and repeats nothing", "[engine]") {
  Scene scene;
  std::vector<Fault> script;
  for (int i = 1; i < 1'000; i += 3) {
    const auto effect = i % 2 == 0 ? Fault::Effect::fails : Fault::Effect::loses_acknowledgement;
    script.push_back({.call = Fault::Call::commit, .nth = i, .effect = effect});
    script.push_back({.call = Fault::Call::load, .nth = i + 1});
  }
  FaultyOffsetStore store{scene.store, script};
  scene.produce(0, 200);
  scene.produce(1, 200);
  auto options = quick_options(scene, 2);
  options.batch.max_records = 7;
  MicroBatchConsumer<> consumer{options, store, std::ref(scene.handled)};
  Running running{consumer};
  REQUIRE(scene.reaches(200, 0));
  REQUIRE(scene.reaches(200, 1));
  running.stop();
  CHECK(scene.handled.offsets(Scene::orders(0)) == offsets_between(0, 200));
  CHECK(scene.handled.offsets(Scene::orders(1)) == offsets_between(0, 200));
  CHECK(scene.observer->heard().conflicts.empty());
}

TEST_CASE("a commit that cannot succeed ends the consumer at once, with the store's error", "[engine]") {
  Scene scene;
  scene.produce(0, 10);
  FaultyOffsetStore store{scene.store,
                          {{.call = Fault::Call::commit, .nth = 1, .retry = StoreError::Retry::no, .times = 1}}};
  MicroBatchConsumer<> consumer{quick_options(scene), store, std::ref(scene.handled)};
  CHECK_THAT(error_of_run<StoreError>(consumer).what(), containing("commit 1 failed"));
  CHECK(store.commits() == 1);
  CHECK_FALSE(scene.stored());
}

TEST_CASE("a store that stays down ends the consumer when its time is over, with the store's error", "[engine]") {
  Scene scene;
  scene.produce(0, 10);
  const auto call = GENERATE(Fault::Call::load, Fault::Call::commit);
  FaultyOffsetStore store{scene.store, {{.call = call, .times = 1'000'000'000}}};
  auto options = scene.options();
  options.store_retry = {.first_delay = 1ms, .max_delay = 2ms, .give_up_after = 50ms};
  MicroBatchConsumer<> consumer{options, store, std::ref(scene.handled)};
  CHECK(error_of_run<StoreError>(consumer).is_retryable());
  CHECK((call == Fault::Call::load ? store.loads() : store.commits()) > 1);
  CHECK_FALSE(scene.stored());
}

TEST_CASE("a load that fails is tried again", "[engine]") {
  Scene scene;
  scene.produce(0, 10);
  FaultyOffsetStore store{scene.store, {{.call = Fault::Call::load, .nth = 1, .times = 3}}};
  MicroBatchConsumer<> consumer{quick_options(scene), store, std::ref(scene.handled)};
  Running running{consumer};
  REQUIRE(scene.reaches(10));
  CHECK(scene.observer->heard().errors.size() == 3);
}

TEST_CASE("a load that cannot succeed ends the consumer before anything is read", "[engine]") {
  Scene scene;
  scene.produce(0, 10);
  FaultyOffsetStore store{scene.store, {{.call = Fault::Call::load, .nth = 1, .retry = StoreError::Retry::no}}};
  MicroBatchConsumer<> consumer{quick_options(scene), store, std::ref(scene.handled)};
  CHECK_THAT(error_of_run<StoreError>(consumer).what(), containing("load 1 failed"));
  CHECK(scene.handled.count() == 0);
}

TEST_CASE("what a store throws need not be a StoreError, or a std::exception", "[engine]") {
  Scene scene;
  scene.produce(0, 10);
  ScriptedStore store{scene.store};
  std::atomic<int> calls = 0;
  store.on_commit = [&](auto) -> std::optional<Conflict> {
    if (++calls == 1) throw 42;
    if (calls == 2) throw std::runtime_error{"out of order"};
    return std::nullopt;
  };
  MicroBatchConsumer<> consumer{quick_options(scene), store, std::ref(scene.handled)};
  Running running{consumer};
  REQUIRE(scene.reaches(10));
  running.stop();
  CHECK(scene.handled.count() == 10);
  const auto errors = scene.observer->heard().errors;
  REQUIRE(errors.size() == 2);
  CHECK_THAT(errors[0], containing("not a std::exception"));
  CHECK_THAT(errors[1], containing("out of order"));
}

TEST_CASE("a negative offset from a store is an error that names it, never a position", "[engine]") {
  Scene scene;
  scene.produce(0, 10);
  ScriptedStore store{scene.store};
  const auto stored = GENERATE(std::int64_t{-1}, -2, -1000, -1001);
  store.on_load = [&](auto& offsets) { offsets.front() = stored; };
  MicroBatchConsumer<> consumer{quick_options(scene), store, std::ref(scene.handled)};
  const auto error = error_of_run<StoreError>(consumer);
  CHECK_THAT(error.what(), containing("orders [0]"));
  CHECK_THAT(error.what(), containing(std::to_string(stored)));
  CHECK(scene.handled.count() == 0);
}

TEST_CASE("too few or too many answers from a store are an error", "[engine]") {
  Scene scene;
  scene.produce(0, 10);
  ScriptedStore store{scene.store};
  const std::size_t answers = GENERATE(0, 1, 3);
  store.on_load = [&](auto& offsets) { offsets.resize(answers); };
  MicroBatchConsumer<> consumer{quick_options(scene, 2), store, std::ref(scene.handled)};
  CHECK_THAT(error_of_run<StoreError>(consumer).what(),
             containing("load() for " + std::to_string(answers) + " of 2 partitions"));
  CHECK(scene.handled.count() == 0);
}

TEST_CASE("a conflict on what was not to be committed is an error, and the rest is not given as committed",
          "[engine]") {
  Scene scene;
  scene.produce(0, 10);
  ScriptedStore store{scene.store};
  store.on_commit = [](auto) { return Conflict{{"payments", 5}, 7}; };
  MicroBatchConsumer<> consumer{quick_options(scene), store, std::ref(scene.handled)};
  CHECK_THAT(error_of_run<StoreError>(consumer).what(), containing("payments [5]"));
  CHECK_FALSE(scene.stored());
  CHECK(scene.observer->heard().commits.empty());
}
