#include <tidemark/error.hpp>
#include <tidemark/micro_batch_consumer.hpp>

#include "engine/gate.hpp"
#include "engine/scene.hpp"
#include "engine/scripted_store.hpp"
#include "support/catch.hpp"

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;

namespace {

/// A member of a group under either protocol, or a consumer of explicit partitions.
ConsumerOptions options_of(const Scene& scene, const std::string& kind) {
  if (kind == "explicit") return scene.options(3);
  auto options = scene.member_options();
  options.kafka["partition.assignment.strategy"] = kind;
  return options;
}

}  // namespace

TEST_CASE("an operator's reset while a consumer runs is followed", "[engine]") {
  const auto* kind = GENERATE("explicit", "range", "cooperative-sticky");
  const auto workers = GENERATE(std::size_t{1}, std::size_t{2});
  INFO(kind << " with " << workers << " workers");
  Scene scene;
  scene.produce(0, 100);
  scene.produce(1, 100);
  auto options = options_of(scene, kind);
  options.concurrency = workers;
  options.batch.max_records = 10;
  Gate gate;
  MicroBatchConsumer<> consumer{options, scene.store, [&](const Batch<>& batch) {
                                  scene.handled(batch);
                                  for (const auto& record : batch)
                                    if (record.partition() == 0 && record.offset() == 59) gate.pass();
                                }};
  Running running{consumer};
  REQUIRE(gate.is_reached());
  const auto before = scene.handled.offsets(Scene::orders(0)).back() + 1;
  std::vector<std::int64_t> expected = offsets_between(0, before);
  SECTION("forward: what lies between is skipped") {
    scene.reset(0, 90);
    for (std::int64_t offset = 90; offset < 100; ++offset) expected.push_back(offset);
  }
  SECTION("backward: what lies between comes again") {
    scene.reset(0, 5);
    for (std::int64_t offset = 5; offset < 100; ++offset) expected.push_back(offset);
  }
  gate.open();
  REQUIRE(scene.reaches(100, 0));
  REQUIRE(scene.reaches(100, 1));
  running.stop();
  CHECK(scene.handled.offsets(Scene::orders(0)) == expected);
  CHECK(scene.handled.offsets(Scene::orders(1)) == offsets_between(0, 100));  // the neighbour notices nothing
  const auto conflicts = scene.observer->heard().conflicts;
  REQUIRE(conflicts.size() == 1);
  CHECK(conflicts.front().conflict.partition == Scene::orders(0));
  CHECK(conflicts.front().refused.until == before);
}

TEST_CASE("a reset of all partitions at once is followed in each", "[engine]") {
  const auto* kind = GENERATE("explicit", "cooperative-sticky");
  Scene scene;
  for (std::int32_t partition = 0; partition < 3; ++partition) scene.produce(partition, 100);
  auto options = options_of(scene, kind);
  options.concurrency = 2;
  MicroBatchConsumer<> consumer{options, scene.store, std::ref(scene.handled)};
  Running running{consumer};
  for (std::int32_t partition = 0; partition < 3; ++partition) REQUIRE(scene.reaches(100, partition));
  for (std::int32_t partition = 0; partition < 3; ++partition) scene.reset(partition, 10 * partition);
  for (std::int32_t partition = 0; partition < 3; ++partition) scene.produce(partition, 1);
  for (std::int32_t partition = 0; partition < 3; ++partition) REQUIRE(scene.reaches(101, partition));
  running.stop();
  for (std::int32_t partition = 0; partition < 3; ++partition) {
    auto expected = offsets_between(0, 101);  // the record that met the conflict comes again in its turn
    for (const auto offset : offsets_between(10 * partition, 101)) expected.push_back(offset);
    CHECK(scene.handled.offsets(Scene::orders(partition)) == expected);
  }
  CHECK(scene.observer->heard().conflicts.size() == 3);
}

TEST_CASE("resets one after the other are each followed, when commits lie between", "[engine]") {
  Scene scene;
  scene.produce(0, 20);
  auto options = scene.options();
  options.max_conflicts = 2;
  MicroBatchConsumer<> consumer{options, scene.store, std::ref(scene.handled)};
  Running running{consumer};
  for (int i = 0; i < 10; ++i) {
    REQUIRE(scene.reaches(20 + i));
    scene.reset(0, i);
    scene.produce(0, 1);
  }
  REQUIRE(scene.reaches(30));
  running.stop();
  CHECK(scene.observer->heard().conflicts.size() == 10);
}

TEST_CASE("offsets that are erased while a consumer runs are stored again at the next commit", "[engine]") {
  Scene scene;
  scene.produce(0, 10);
  MicroBatchConsumer<> consumer{scene.options(), scene.store, std::ref(scene.handled)};
  Running running{consumer};
  REQUIRE(scene.reaches(10));
  const auto partition = Scene::orders(0);
  scene.store.erase("billing", {&partition, 1});
  scene.produce(0, 10);
  REQUIRE(scene.reaches(20));
  running.stop();
  CHECK(scene.observer->heard().conflicts.empty());
  CHECK(scene.handled.count() == 20);
}

TEST_CASE("somebody else who keeps committing as this group ends the consumer with a ConflictError", "[engine]") {
  Scene scene;
  scene.produce(0, 1'000);
  ScriptedStore store{scene.store};
  // The other one is always elsewhere, and in no hurry to get on.
  store.on_commit = [&](std::span<const OffsetRange> ranges) -> std::optional<Conflict> {
    if (ranges.front().until > ranges.front().from) scene.reset(0, ranges.front().from == 500 ? 501 : 500);
    return std::nullopt;
  };
  auto options = scene.options();
  options.batch.max_records = 10;
  options.max_conflicts = 3;
  MicroBatchConsumer<> consumer{options, store, std::ref(scene.handled)};
  const auto error = error_of_run<ConflictError>(consumer);
  CHECK(error.partition() == Scene::orders(0));
  CHECK_THAT(error.what(), containing("billing"));
  CHECK_THAT(error.what(), containing("orders [0]"));
  CHECK_THAT(error.what(), containing("ConsumerOptions::max_conflicts"));
  CHECK(scene.observer->heard().conflicts.size() >= 3);
  CHECK(scene.observer->heard().commits.empty());
}
