#include <algorithm>
#include <optional>

#include <tidemark/micro_batch_consumer.hpp>

#include "engine/gate.hpp"
#include "engine/scene.hpp"
#include "support/catch.hpp"

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;

namespace {

ConsumerOptions member(const Scene& scene, const std::string& strategy,
                       const std::shared_ptr<RecordingObserver>& observer) {
  auto options = scene.member_options();
  options.observer = observer;
  options.batch.max_records = 10;
  options.kafka["partition.assignment.strategy"] = strategy;
  return options;
}

/// What both have handled of a partition, in the order of offsets.
std::vector<std::int64_t> together(const Handled& one, const Handled& other, const TopicPartition& partition) {
  auto all = one.offsets(partition);
  const auto more = other.offsets(partition);
  all.insert(all.end(), more.begin(), more.end());
  std::ranges::sort(all);
  return all;
}

[[nodiscard]] bool shares(const MicroBatchConsumer<>& one, const MicroBatchConsumer<>& other) {
  return eventually(
      [&] {
        const auto mine = one.progress().size();
        const auto theirs = other.progress().size();
        return mine > 0 && theirs > 0 && mine + theirs == 3;
      },
      patience);
}

}  // namespace

TEST_CASE("a cooperative rebalance that brings a member nothing is no event", "[engine]") {
  Scene scene;
  const auto other_observer = std::make_shared<RecordingObserver>();
  Handled other_handled;
  MicroBatchConsumer<> consumer{member(scene, "cooperative-sticky", scene.observer), scene.store,
                                std::ref(scene.handled)};
  MicroBatchConsumer<> other{member(scene, "cooperative-sticky", other_observer), scene.store, std::ref(other_handled)};
  {
    Running running{consumer};
    REQUIRE(eventually([&] { return consumer.progress().size() == 3; }, patience));
    Running other_running{other};
    REQUIRE(shares(consumer, other));
    // What the first keeps is assigned anew by Kafka, with nothing on top.
    const auto others = other.progress().size();
    other_running.stop();
    REQUIRE(eventually([&] { return consumer.progress().size() == 3; }, patience));
    CHECK(others > 0);
    running.stop();
  }
  for (const auto* observer : {scene.observer.get(), other_observer.get()})
    for (const auto& rebalance : observer->heard().rebalances) CHECK_FALSE(rebalance.partitions.empty());
}

TEST_CASE("members that come and go hand partitions over without a record lost or handled twice", "[engine]") {
  const auto* strategy = GENERATE("range", "cooperative-sticky");
  INFO(strategy);
  Scene scene;
  for (std::int32_t partition = 0; partition < 3; ++partition) scene.produce(partition, 100);
  const auto other_observer = std::make_shared<RecordingObserver>();
  Handled other_handled;
  std::optional<MicroBatchConsumer<>> consumer;
  consumer.emplace(member(scene, strategy, scene.observer), scene.store, std::ref(scene.handled));
  std::optional<Running<MicroBatchConsumer<>>> running;
  running.emplace(*consumer);
  for (std::int32_t partition = 0; partition < 3; ++partition) REQUIRE(scene.reaches(100, partition));

  MicroBatchConsumer<> other{member(scene, strategy, other_observer), scene.store, std::ref(other_handled)};
  Running other_running{other};
  REQUIRE(shares(*consumer, other));
  for (std::int32_t partition = 0; partition < 3; ++partition) scene.produce(partition, 100);
  for (std::int32_t partition = 0; partition < 3; ++partition) REQUIRE(scene.reaches(200, partition));
  CHECK(other_handled.count() > 0);

  running->stop();
  for (std::int32_t partition = 0; partition < 3; ++partition) scene.produce(partition, 100);
  for (std::int32_t partition = 0; partition < 3; ++partition) REQUIRE(scene.reaches(300, partition));
  other_running.stop();
  for (std::int32_t partition = 0; partition < 3; ++partition)
    CHECK(together(scene.handled, other_handled, Scene::orders(partition)) == offsets_between(0, 300));
  CHECK(scene.observer->heard().conflicts.empty());
  CHECK(other_observer->heard().conflicts.empty());
}

TEST_CASE("a batch in hand is committed before its partitions are given up", "[engine]") {
  const auto* strategy = GENERATE("range", "cooperative-sticky");
  INFO(strategy);
  Scene scene;
  for (std::int32_t partition = 0; partition < 3; ++partition) scene.produce(partition, 10);
  Gate gate;
  auto options = member(scene, strategy, scene.observer);
  options.batch.max_records = 30;
  bool is_first = true;
  MicroBatchConsumer<> consumer{options, scene.store, [&](const Batch<>& batch) {
                                  scene.handled(batch);
                                  if (!std::exchange(is_first, false)) return;
                                  gate.arrive();
                                  wait_for_stop(batch);  // comes when the other one joins
                                }};
  Running running{consumer};
  REQUIRE(gate.is_reached());
  Handled other_handled;
  const auto other_observer = std::make_shared<RecordingObserver>();
  MicroBatchConsumer<> other{member(scene, strategy, other_observer), scene.store, std::ref(other_handled)};
  Running other_running{other};
  for (std::int32_t partition = 0; partition < 3; ++partition) REQUIRE(scene.reaches(10, partition));
  REQUIRE(shares(consumer, other));
  running.stop();
  other_running.stop();
  for (std::int32_t partition = 0; partition < 3; ++partition)
    CHECK(together(scene.handled, other_handled, Scene::orders(partition)) == offsets_between(0, 10));
  CHECK(scene.observer->heard().conflicts.empty());
  CHECK(other_observer->heard().conflicts.empty());
}

TEST_CASE("a batch that outlasts drain_timeout is the next owner's, and is not committed by the last one", "[engine]") {
  const auto* strategy = GENERATE("range", "cooperative-sticky");
  INFO(strategy);
  Scene scene;
  for (std::int32_t partition = 0; partition < 3; ++partition) scene.produce(partition, 10);
  Gate gate;
  auto options = member(scene, strategy, scene.observer);
  options.batch.max_records = 30;
  options.drain_timeout = 10ms;
  bool is_first = true;
  MicroBatchConsumer<> consumer{options, scene.store, [&](const Batch<>& batch) {
                                  scene.handled(batch);
                                  if (std::exchange(is_first, false)) gate.pass();
                                }};
  Running running{consumer};
  REQUIRE(gate.is_reached());
  Handled other_handled;
  const auto other_observer = std::make_shared<RecordingObserver>();
  MicroBatchConsumer<> other{member(scene, strategy, other_observer), scene.store, std::ref(other_handled)};
  Running other_running{other};
  REQUIRE(other_handled.reaches(1));  // while the first one still holds the batch
  gate.open();
  for (std::int32_t partition = 0; partition < 3; ++partition) REQUIRE(scene.reaches(10, partition));
  running.stop();
  other_running.stop();
  for (std::int32_t partition = 0; partition < 3; ++partition) {
    auto seen = together(scene.handled, other_handled, Scene::orders(partition));
    seen.erase(std::ranges::unique(seen).begin(), seen.end());
    CHECK(seen == offsets_between(0, 10));
  }
  CHECK(other_observer->heard().conflicts.empty());
}

TEST_CASE("a topic that matches a regular expression is read under its own name", "[engine]") {
  Scene scene;
  scene.produce(0, 10);
  auto options = scene.member_options();
  options.topics = {"^ord.*"};
  MicroBatchConsumer<> consumer{options, scene.store, std::ref(scene.handled)};
  Running running{consumer};
  REQUIRE(scene.reaches(10));
  CHECK(scene.handled.offsets(Scene::orders(0)) == offsets_between(0, 10));
}
