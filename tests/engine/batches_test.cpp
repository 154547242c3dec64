#include <map>
#include <set>
#include <thread>

#include <tidemark/micro_batch_consumer.hpp>

#include "engine/scene.hpp"
#include "support/catch.hpp"

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;

namespace {

/// Each partition's ranges must begin where the one before ended.
void check_chains(const std::vector<Handled::Batch>& batches, std::int64_t first) {
  std::map<TopicPartition, std::int64_t> next;
  for (const auto& batch : batches) {
    for (const auto& range : batch.ranges) {
      const auto expected = next.try_emplace(range.partition, first).first->second;
      CHECK(range.from == expected);
      CHECK(range.until >= range.from);
      next[range.partition] = range.until;
    }
  }
}

}  // namespace

TEST_CASE("a batch closes when it has max_records", "[engine]") {
  Scene scene;
  scene.produce(0, 25);
  auto options = scene.options();
  options.batch = {.max_records = 10, .max_wait = 1h};
  MicroBatchConsumer<> consumer{options, scene.store, std::ref(scene.handled)};
  Running running{consumer};
  REQUIRE(scene.handled.reaches(20));
  scene.produce(0, 5);
  REQUIRE(scene.reaches(30));
  running.stop();
  for (const auto& batch : scene.handled.batches()) CHECK(batch.records.size() == 10);
  check_chains(scene.handled.batches(), 0);
}

TEST_CASE("a batch closes when it has max_bytes, though its records come one by one", "[engine]") {
  Scene scene;
  auto options = scene.options();
  options.batch = {.max_bytes = 1'000, .max_wait = 1h};
  MicroBatchConsumer<> consumer{options, scene.store, std::ref(scene.handled)};
  Running running{consumer};
  const std::string value(100, 'x');
  for (int i = 0; i < 10; ++i) {
    scene.broker.produce({.topic = "orders", .partition = 0, .value = value});
    scene.broker.flush();
  }
  REQUIRE(scene.reaches(10));
  CHECK(scene.handled.batches().size() == 1);
}

TEST_CASE("a record that does not fit goes into the next batch, one that never fits goes alone", "[engine]") {
  Scene scene;
  for (const auto size : {400, 400, 400, 5'000, 100}) {
    const std::string value(static_cast<std::size_t>(size), 'x');
    scene.broker.produce({.topic = "orders", .partition = 0, .value = value});
  }
  scene.broker.flush();
  auto options = scene.options();
  options.batch.max_bytes = 1'000;
  MicroBatchConsumer<> consumer{options, scene.store, std::ref(scene.handled)};
  Running running{consumer};
  REQUIRE(scene.reaches(5));
  std::vector<std::size_t> sizes;
  for (const auto& batch : scene.handled.batches()) sizes.push_back(batch.records.size());
  CHECK(sizes == std::vector<std::size_t>{2, 1, 1, 1});
  check_chains(scene.handled.batches(), 0);
}

TEST_CASE("a batch that nothing fills goes after max_wait", "[engine]") {
  Scene scene;
  scene.produce(0, 1);
  auto options = scene.options();
  options.batch.max_wait = 100ms;
  MicroBatchConsumer<> consumer{options, scene.store, std::ref(scene.handled)};
  Running running{consumer};
  REQUIRE(scene.reaches(1));
  scene.produce(0, 1);
  REQUIRE(scene.reaches(2));
  CHECK(scene.handled.batches().size() == 2);
}

TEST_CASE("without a wait a batch is what is there", "[engine]") {
  Scene scene;
  scene.produce(0, 100);
  auto options = scene.options();
  options.batch.max_wait = 0ms;
  MicroBatchConsumer<> consumer{options, scene.store, std::ref(scene.handled)};
  Running running{consumer};
  REQUIRE(scene.reaches(100));
  scene.produce(0, 1);
  REQUIRE(scene.reaches(101));
  CHECK(scene.handled.offsets(Scene::orders(0)) == offsets_between(0, 101));
}

TEST_CASE("a batch spans the partitions of its worker, each in order", "[engine]") {
  Scene scene;
  for (std::int32_t partition = 0; partition < 3; ++partition) scene.produce(partition, 10);
  auto options = scene.options(3);
  options.batch = {.max_records = 30, .max_wait = 1h};
  MicroBatchConsumer<> consumer{options, scene.store, std::ref(scene.handled)};
  Running running{consumer};
  for (std::int32_t partition = 0; partition < 3; ++partition) REQUIRE(scene.reaches(10, partition));
  REQUIRE(scene.handled.batches().size() == 1);
  CHECK(scene.handled.batches().front().ranges.size() == 3);
  for (std::int32_t partition = 0; partition < 3; ++partition)
    CHECK(scene.handled.offsets(Scene::orders(partition)) == offsets_between(0, 10));
}

TEST_CASE("an offset moves only after the handler has returned", "[engine]") {
  Scene scene;
  scene.produce(0, 100);
  auto options = scene.options();
  options.batch.max_records = 7;
  std::vector<bool> ahead;
  MicroBatchConsumer<> consumer{options, scene.store, [&](const Batch<>& batch) {
                                  ahead.push_back(scene.stored().value_or(0) > batch[0].offset());
                                  scene.handled(batch);
                                }};
  Running running{consumer};
  REQUIRE(scene.reaches(100));
  running.stop();
  CHECK(ahead.size() >= 15);
  for (const auto is_ahead : ahead) CHECK_FALSE(is_ahead);
}

TEST_CASE("a consumer goes on where the last one ended", "[engine]") {
  Scene scene;
  scene.produce(0, 50);
  {
    MicroBatchConsumer<> consumer{scene.options(), scene.store, std::ref(scene.handled)};
    Running running{consumer};
    REQUIRE(scene.reaches(50));
    running.stop();
  }
  scene.produce(0, 50);
  MicroBatchConsumer<> consumer{scene.options(), scene.store, std::ref(scene.handled)};
  Running running{consumer};
  REQUIRE(scene.reaches(100));
  CHECK(scene.handled.offsets(Scene::orders(0)) == offsets_between(0, 100));
}

TEST_CASE("several workers handle at once, and each partition keeps its order", "[engine]") {
  testing::EmbeddedBroker broker{{.topics = {{"many", 8}}}};
  testing::MemoryOffsetStore store;
  constexpr int per_partition = 500;
  for (int i = 0; i < per_partition; ++i)
    for (std::int32_t partition = 0; partition < 8; ++partition)
      broker.produce({.topic = "many", .partition = partition, .value = "x"});
  broker.flush();

  ConsumerOptions options;
  options.brokers = broker.brokers();
  options.group = "billing";
  for (std::int32_t partition = 0; partition < 8; ++partition) options.partitions.push_back({"many", partition});
  options.concurrency = 4;
  options.batch = {.max_records = 50, .max_wait = 20ms};
  options.kafka = {{"fetch.wait.max.ms", "10"}};
  Handled handled;
  std::mutex mutex;
  std::map<TopicPartition, std::set<std::thread::id>> threads;
  MicroBatchConsumer<> consumer{options, store, [&](const Batch<>& batch) {
                                  handled(batch);
                                  const std::lock_guard lock{mutex};
                                  for (const auto& range : batch.ranges())
                                    threads[range.partition].insert(std::this_thread::get_id());
                                }};
  Running running{consumer};
  REQUIRE(handled.reaches(8 * per_partition));
  running.stop();
  std::map<std::thread::id, int> partitions_of;
  for (const auto& [partition, of_partition] : threads) {
    CHECK(of_partition.size() == 1);
    ++partitions_of[*of_partition.begin()];
  }
  CHECK(partitions_of.size() == 4);
  for (const auto& [thread, partitions] : partitions_of) CHECK(partitions == 2);
  for (std::int32_t partition = 0; partition < 8; ++partition)
    CHECK(handled.offsets({"many", partition}) == offsets_between(0, per_partition));
  for (const auto& [partition, next] : store.list("billing")) CHECK(next == per_partition);
}

TEST_CASE("two consumers in one process do not meet", "[engine]") {
  Scene scene;
  scene.produce(0, 50);
  auto other_options = scene.options();
  other_options.group = "shipping";
  Handled other_handled;
  MicroBatchConsumer<> consumer{scene.options(), scene.store, std::ref(scene.handled)};
  MicroBatchConsumer<> other{other_options, scene.store, std::ref(other_handled)};
  Running running{consumer};
  Running other_running{other};
  REQUIRE(scene.reaches(50));
  REQUIRE(other_handled.reaches(50));
  running.stop();
  scene.produce(0, 10);
  REQUIRE(other_handled.reaches(60));
  other_running.stop();
  CHECK(scene.stored() == 50);
  CHECK(scene.store.list("shipping") == std::vector<StoredOffset>{{Scene::orders(0), 60}});
  CHECK(scene.handled.count() == 50);
}

TEST_CASE("progress tells what is stored, where Kafka ends, and the lag between", "[engine]") {
  Scene scene;
  scene.produce(0, 10);
  scene.produce(1, 5);
  MicroBatchConsumer<> consumer{scene.options(2), scene.store, std::ref(scene.handled)};
  CHECK(consumer.progress().empty());
  Running running{consumer};
  const std::vector<PartitionProgress> all{{Scene::orders(0), 10, 10}, {Scene::orders(1), 5, 5}};
  CHECK(eventually([&] { return consumer.progress() == all; }));
  for (const auto& partition : consumer.progress()) CHECK(partition.lag() == 0);
  running.stop();
  CHECK(consumer.progress().empty());
}

TEST_CASE("a consumer runs once", "[engine]") {
  Scene scene;
  MicroBatchConsumer<> consumer{scene.options(), scene.store, std::ref(scene.handled)};
  {
    Running running{consumer};
    running.stop();
  }
  CHECK_THROWS_AS(consumer.run(), std::logic_error);
}
