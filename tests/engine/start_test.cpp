#include <limits>

#include <tidemark/error.hpp>
#include <tidemark/micro_batch_consumer.hpp>

#include "engine/scene.hpp"
#include "engine/scripted_store.hpp"
#include "support/catch.hpp"

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;

namespace {

/// `partition` is moved to where it is.
StoredOffset at(std::int32_t partition, std::int64_t next) { return {Scene::orders(partition), next}; }

}  // namespace

TEST_CASE("where nothing is stored, earliest starts at the oldest record", "[engine]") {
  Scene scene;
  scene.produce(0, 10);
  MicroBatchConsumer<> consumer{scene.options(), scene.store, std::ref(scene.handled)};
  Running running{consumer};
  REQUIRE(scene.reaches(10));
  CHECK(scene.handled.offsets(Scene::orders(0)) == offsets_between(0, 10));
}

TEST_CASE("latest starts after the newest record, and is stored for all of the topic before any record", "[engine]") {
  Scene scene;
  for (std::int32_t partition = 0; partition < 3; ++partition) scene.produce(partition, 10 + partition);
  auto options = scene.options(2);
  options.start = start::Latest{};
  MicroBatchConsumer<> consumer{options, scene.store, std::ref(scene.handled)};
  Running running{consumer};
  REQUIRE(eventually([&] { return !scene.observer->heard().rebalances.empty(); }, patience));
  CHECK(scene.store.list("billing") == std::vector{at(0, 10), at(1, 11), at(2, 12)});
  scene.produce(0, 5);
  REQUIRE(scene.reaches(15));
  running.stop();
  CHECK(scene.handled.offsets(Scene::orders(0)) == offsets_between(10, 15));
  CHECK(scene.handled.offsets(Scene::orders(1)).empty());
}

TEST_CASE("records that come while nobody reads are not skipped by latest, once it was resolved", "[engine]") {
  Scene scene;
  scene.produce(0, 10);
  auto options = scene.options();
  options.start = start::Latest{};
  {
    MicroBatchConsumer<> consumer{options, scene.store, std::ref(scene.handled)};
    Running running{consumer};
    REQUIRE(scene.reaches(10));
    running.stop();
  }
  scene.produce(0, 5);
  MicroBatchConsumer<> consumer{options, scene.store, std::ref(scene.handled)};
  Running running{consumer};
  REQUIRE(scene.reaches(15));
  CHECK(scene.handled.offsets(Scene::orders(0)) == offsets_between(10, 15));
}

TEST_CASE("where two consumers resolve latest at once, both follow what was stored first", "[engine]") {
  Scene scene;
  scene.produce(0, 10);
  ScriptedStore store{scene.store};
  bool is_first = true;
  // Another member of the group stores its idea of latest just before ours.
  store.on_commit = [&](std::span<const OffsetRange>) -> std::optional<Conflict> {
    if (std::exchange(is_first, false)) scene.reset(0, 4);
    return std::nullopt;
  };
  auto options = scene.options();
  options.start = start::Latest{};
  MicroBatchConsumer<> consumer{options, store, std::ref(scene.handled)};
  Running running{consumer};
  // All or none: our refused commit stored nothing for the other partitions either, and they are tried again.
  REQUIRE(scene.reaches(10));
  CHECK(scene.handled.offsets(Scene::orders(0)) == offsets_between(4, 10));
}

TEST_CASE("a timestamp without a later record starts at the end, and is stored at once", "[engine]") {
  Scene scene;
  scene.produce(0, 10);
  auto options = scene.options();
  options.start = start::Timestamp{std::chrono::system_clock::now() + 24h};
  MicroBatchConsumer<> consumer{options, scene.store, std::ref(scene.handled)};
  Running running{consumer};
  REQUIRE(scene.reaches(10));
  scene.produce(0, 3);
  REQUIRE(scene.reaches(13));
  CHECK(scene.handled.offsets(Scene::orders(0)) == offsets_between(10, 13));
}

TEST_CASE("given offsets start where they say", "[engine]") {
  Scene scene;
  scene.produce(0, 10);
  scene.produce(1, 10);
  auto options = scene.options(2);
  options.start = start::Offsets{{{Scene::orders(0), 7}, {Scene::orders(1), 0}}};
  MicroBatchConsumer<> consumer{options, scene.store, std::ref(scene.handled)};
  Running running{consumer};
  REQUIRE(scene.reaches(10, 0));
  REQUIRE(scene.reaches(10, 1));
  CHECK(scene.handled.offsets(Scene::orders(0)) == offsets_between(7, 10));
  CHECK(scene.handled.offsets(Scene::orders(1)) == offsets_between(0, 10));
}

TEST_CASE("a partition that the given offsets do not name is an OffsetError", "[engine]") {
  Scene scene;
  auto options = scene.options(2);
  options.start = start::Offsets{{{Scene::orders(0), 7}}};
  MicroBatchConsumer<> consumer{options, scene.store, std::ref(scene.handled)};
  const auto error = error_of_run<OffsetError>(consumer);
  CHECK(error.partition() == Scene::orders(1));
  CHECK_THAT(error.what(), containing("orders [1]"));
  CHECK_THAT(error.what(), containing("ConsumerOptions::start"));
}

TEST_CASE("where nothing is stored, fail is an OffsetError that says what to do", "[engine]") {
  Scene scene;
  auto options = scene.options();
  options.start = start::Fail{};
  MicroBatchConsumer<> consumer{options, scene.store, std::ref(scene.handled)};
  const auto error = error_of_run<OffsetError>(consumer);
  CHECK(error.partition() == Scene::orders(0));
  CHECK_THAT(error.what(), containing("billing"));
  CHECK_THAT(error.what(), containing("store an offset, or choose another start policy"));
}

TEST_CASE("what is stored wins over any start policy", "[engine]") {
  Scene scene;
  scene.produce(0, 10);
  scene.reset(0, 4);
  auto options = scene.options();
  options.start = GENERATE(StartPolicy{start::Earliest{}}, StartPolicy{start::Latest{}}, StartPolicy{start::Fail{}},
                           StartPolicy{start::Timestamp{}}, StartPolicy{start::Offsets{{{Scene::orders(0), 9}}}});
  MicroBatchConsumer<> consumer{options, scene.store, std::ref(scene.handled)};
  Running running{consumer};
  REQUIRE(scene.reaches(10));
  CHECK(scene.handled.offsets(Scene::orders(0)) == offsets_between(4, 10));
}

TEST_CASE("a stored 0 is the beginning, not nothing", "[engine]") {
  Scene scene;
  scene.produce(0, 10);
  scene.reset(0, 0);
  auto options = scene.options();
  options.start = start::Latest{};
  MicroBatchConsumer<> consumer{options, scene.store, std::ref(scene.handled)};
  Running running{consumer};
  REQUIRE(scene.reaches(10));
  CHECK(scene.handled.offsets(Scene::orders(0)) == offsets_between(0, 10));
}

TEST_CASE("where a topic has grown, the new partition starts at its beginning, whatever the policy", "[engine]") {
  Scene scene;
  scene.produce(0, 10);
  scene.produce(1, 10);
  scene.reset(0, 10);
  auto options = scene.options(2);
  options.start =
      GENERATE(StartPolicy{start::Latest{}}, StartPolicy{start::Fail{}},
               StartPolicy{start::Timestamp{std::chrono::system_clock::now() + 24h}}, StartPolicy{start::Offsets{}});
  MicroBatchConsumer<> consumer{options, scene.store, std::ref(scene.handled)};
  Running running{consumer};
  REQUIRE(scene.reaches(10, 1));
  CHECK(scene.handled.offsets(Scene::orders(1)) == offsets_between(0, 10));
  CHECK(scene.handled.offsets(Scene::orders(0)).empty());
}

TEST_CASE("a stored offset beyond the end is an OffsetError by default, and nothing moves", "[engine]") {
  Scene scene;
  scene.produce(0, 10);
  const auto stored = GENERATE(std::int64_t{11}, std::int64_t{1'000'000}, std::numeric_limits<std::int64_t>::max());
  scene.reset(0, stored);
  MicroBatchConsumer<> consumer{scene.options(), scene.store, std::ref(scene.handled)};
  const auto error = error_of_run<OffsetError>(consumer);
  CHECK(error.partition() == Scene::orders(0));
  CHECK_THAT(error.what(), containing(std::to_string(stored)));
  CHECK_THAT(error.what(), containing("0 to 10"));
  CHECK_THAT(error.what(), containing("ConsumerOptions::out_of_range"));
  CHECK(scene.stored() == stored);
  const auto heard = scene.observer->heard().out_of_range;
  REQUIRE(heard.size() == 1);
  CHECK(heard.front().requested == stored);
  CHECK_FALSE(heard.front().restarted_at);
}

TEST_CASE("a stored offset beyond the end goes on where the policy says, and is told", "[engine]") {
  Scene scene;
  scene.produce(0, 10);
  scene.reset(0, 50);
  auto options = scene.options();
  std::int64_t restart = 0;
  SECTION("at the oldest record") { options.out_of_range = OutOfRangePolicy::earliest; }
  SECTION("after the newest record") {
    options.out_of_range = OutOfRangePolicy::latest;
    restart = 10;
  }
  MicroBatchConsumer<> consumer{options, scene.store, std::ref(scene.handled)};
  Running running{consumer};
  REQUIRE(scene.reaches(10));
  scene.produce(0, 5);
  REQUIRE(scene.reaches(15));
  running.stop();
  CHECK(scene.handled.offsets(Scene::orders(0)) == offsets_between(restart, 15));
  const auto heard = scene.observer->heard();
  REQUIRE(heard.out_of_range.size() == 1);
  CHECK(heard.out_of_range.front().requested == 50);
  CHECK(heard.out_of_range.front().earliest == 0);
  CHECK(heard.out_of_range.front().end == 10);
  CHECK(heard.out_of_range.front().restarted_at == restart);
  CHECK(heard.conflicts.empty());
}

TEST_CASE("a stored offset at the very end waits for records", "[engine]") {
  Scene scene;
  scene.produce(0, 10);
  scene.reset(0, 10);
  MicroBatchConsumer<> consumer{scene.options(), scene.store, std::ref(scene.handled)};
  Running running{consumer};
  REQUIRE(eventually([&] {
    return consumer.progress() == std::vector<PartitionProgress>{{Scene::orders(0), 10, 10}};
  }));
  scene.produce(0, 1);
  REQUIRE(scene.reaches(11));
  CHECK(scene.handled.offsets(Scene::orders(0)) == offsets_between(10, 11));
  CHECK(scene.observer->heard().out_of_range.empty());
}
