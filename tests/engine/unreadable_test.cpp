#include <optional>
#include <string>

#include <librdkafka/rdkafka.h>

#include <tidemark/error.hpp>
#include <tidemark/micro_batch_consumer.hpp>

#include "engine/mock_cluster.hpp"
#include "engine/scene.hpp"
#include "support/catch.hpp"
#include "support/raw_batch.hpp"
#include "support/test_producer.hpp"

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;

namespace {

/// A cluster that appends whatever it is given, with the topic "orders" of two partitions.
struct DamagedScene {
  MockCluster cluster;
  TestProducer producer{cluster.brokers()};
  testing::MemoryOffsetStore store;
  Handled handled;
  std::shared_ptr<RecordingObserver> observer = std::make_shared<RecordingObserver>();
  ConsumerOptions options;

  DamagedScene() {
    cluster.create_topic("orders", 2);
    options.brokers = cluster.brokers();
    options.group = "billing";
    options.partitions = {Scene::orders(0), Scene::orders(1)};
    options.batch.max_wait = 10ms;
    options.lag_interval = 50ms;
    options.observer = observer;
    options.kafka = {{"fetch.wait.max.ms", "10"}, {"fetch.error.backoff.ms", "10"}};
  }

  void produce(std::int32_t partition, int count) {
    for (int i = 0; i < count; ++i) producer.produce("orders", partition, std::nullopt, "good");
    producer.flush();
  }
  void produce(const RawBatch& batch) { batch.produce(cluster.brokers(), "orders", 0); }

  std::optional<std::int64_t> stored(std::int32_t partition) {
    const auto asked = Scene::orders(partition);
    return store.load({"billing"}, {&asked, 1}).front();
  }
  [[nodiscard]] bool reaches(std::int32_t partition, std::int64_t next) {
    return eventually([&] { return stored(partition) == next; }, patience);
  }
  void move(std::int32_t partition, std::int64_t next) {
    const StoredOffset offset{Scene::orders(partition), next};
    store.overwrite("billing", {&offset, 1});
  }
};

RawBatch three_records() { return RawBatch{{"one", "two", "three"}}; }

bool is_parked(const MicroBatchConsumer<>& consumer) {
  for (const auto& one : consumer.progress())
    if (one.partition == Scene::orders(0)) return one.is_parked;
  return false;
}

}  // namespace

TEST_CASE("a batch that can't be read ends the consumer, once all before it is committed", "[engine]") {
  DamagedScene scene;
  scene.produce(0, 5);
  std::string why;
  SECTION("a byte that was changed") {
    scene.produce(three_records().damage(4));
    why = "CRC32C";
  }
  SECTION("gzip") {
    scene.produce(three_records().set_payload(RawBatch::Codec::gzip, "no gzip"));
    why = "Decompression";
  }
  SECTION("snappy") {
    scene.produce(three_records().set_payload(RawBatch::Codec::snappy, "\xff\xff\xff\xff\xff\xff no snappy"));
    why = "Decompression";
  }
  SECTION("lz4") {
    scene.produce(three_records().set_payload(RawBatch::Codec::lz4, "no frame of lz4 at all"));
    why = "Decompression";
  }
  SECTION("zstd") {
    scene.produce(three_records().set_payload(RawBatch::Codec::zstd, "no frame of zstd at all"));
    why = "Decompression";
  }
  SECTION("a codec that nobody knows") {
    scene.produce(three_records().set_payload(static_cast<RawBatch::Codec>(7), "whatever"));
    why = "Decompression";
  }
  scene.produce(0, 3);

  MicroBatchConsumer<> consumer{scene.options, scene.store, std::ref(scene.handled)};
  const auto error = error_of_run<UnreadableError>(consumer);
  CHECK(error.partition() == Scene::orders(0));
  CHECK(error.offset() == 5);
  CHECK(error.code() != 0);
  CHECK_THAT(error.what(), containing("offset 5 of orders [0] can't be read"));
  CHECK_THAT(error.what(), containing(why));
  CHECK_THAT(error.what(), containing("group \"billing\""));
  CHECK_THAT(error.what(), containing("ConsumerOptions::unreadable"));
  CHECK(scene.handled.offsets(Scene::orders(0)) == std::vector<std::int64_t>{0, 1, 2, 3, 4});
  CHECK(scene.stored(0) == 5);
  const auto heard = scene.observer->heard();
  REQUIRE(heard.unreadable.size() == 1);
  CHECK(heard.unreadable.front().offset == 5);
  CHECK_FALSE(heard.unreadable.front().tried_again_in);
}

TEST_CASE("a partition that can't be read is passed over, if so asked, and told of until somebody mends it",
          "[engine]") {
  DamagedScene scene;
  scene.options.unreadable = UnreadablePolicy::park;
  scene.produce(0, 5);
  scene.produce(three_records().damage(4));
  scene.produce(0, 2);
  scene.produce(1, 1);
  MicroBatchConsumer<> consumer{scene.options, scene.store, std::ref(scene.handled)};
  Running running{consumer};
  REQUIRE(scene.reaches(0, 5));
  // Tried again, and found to be as it was.
  REQUIRE(eventually([&] { return scene.observer->heard().unreadable.size() >= 6; }, patience));
  CHECK(eventually([&] { return is_parked(consumer); }, patience));
  for (const auto& event : scene.observer->heard().unreadable) {
    CHECK(event.partition == Scene::orders(0));
    CHECK(event.offset == 5);
    CHECK(event.code == RD_KAFKA_RESP_ERR__BAD_MSG);
    CHECK(event.tried_again_in);
  }
  scene.produce(1, 1);
  REQUIRE(scene.reaches(1, 2));

  scene.move(0, 8);
  REQUIRE(scene.reaches(0, 10));
  CHECK_FALSE(is_parked(consumer));
  running.stop();
  CHECK(scene.handled.offsets(Scene::orders(0)) == std::vector<std::int64_t>{0, 1, 2, 3, 4, 8, 9});
}

TEST_CASE("stop() and what else happens to a partition that is passed over work as ever", "[engine]") {
  DamagedScene scene;
  scene.options.unreadable = UnreadablePolicy::park;
  scene.produce(three_records().damage(4));
  MicroBatchConsumer<> consumer{scene.options, scene.store, std::ref(scene.handled)};
  Running running{consumer};
  REQUIRE(eventually([&] { return is_parked(consumer); }, patience));
  running.stop();
  CHECK(scene.handled.count() == 0);
  CHECK_FALSE(scene.stored(0));
}

// librdkafka reads the first member of a gzip stream and drops the others without a word.
TEST_CASE("a gzip batch of several members leaves a gap, which is counted and told of", "[engine]") {
  DamagedScene scene;
  RawBatch batch{{"0", "1", "2", "3", "4"}};
  std::string members;
  for (const auto& record : batch.records()) members += RawBatch::gzip_member(record);
  batch.set_payload(RawBatch::Codec::gzip, members);
  scene.produce(batch);
  scene.produce(0, 1);

  SECTION("ignore, the default") {
    MicroBatchConsumer<> consumer{scene.options, scene.store, std::ref(scene.handled)};
    Running running{consumer};
    REQUIRE(scene.reaches(0, 6));
    CHECK(consumer.progress().front().skipped == 4);
    running.stop();
    CHECK(scene.observer->heard().gaps.empty());
  }
  SECTION("report") {
    scene.options.gaps = GapPolicy::report;
    MicroBatchConsumer<> consumer{scene.options, scene.store, std::ref(scene.handled)};
    Running running{consumer};
    REQUIRE(scene.reaches(0, 6));
    CHECK(consumer.progress().front().skipped == 4);
    running.stop();
    const auto gaps = scene.observer->heard().gaps;
    REQUIRE(gaps.size() == 1);
    CHECK(gaps.front().first == OffsetRange{Scene::orders(0), 1, 5});
    CHECK(gaps.front().offsets == 4);
    CHECK(gaps.front().all == 4);
  }
  SECTION("fail") {
    scene.options.gaps = GapPolicy::fail;
    MicroBatchConsumer<> consumer{scene.options, scene.store, std::ref(scene.handled)};
    const auto error = error_of_run<GapError>(consumer);
    CHECK(error.gap() == OffsetRange{Scene::orders(0), 1, 5});
    CHECK_THAT(error.what(), containing("offsets 1 to 4 of orders [0] are missing"));
    CHECK_THAT(error.what(), containing("ConsumerOptions::gaps"));
    CHECK(scene.handled.offsets(Scene::orders(0)) == std::vector<std::int64_t>{0});
    CHECK(scene.stored(0) == 1);
  }
}

TEST_CASE("a gap at the end of a partition is one", "[engine]") {
  DamagedScene scene;
  scene.options.gaps = GapPolicy::fail;
  RawBatch batch{{"0", "1", "2"}};
  batch.set_payload(RawBatch::Codec::gzip,
                    RawBatch::gzip_member(batch.records()[0]) + RawBatch::gzip_member(batch.records()[1]));
  scene.produce(batch);
  MicroBatchConsumer<> consumer{scene.options, scene.store, std::ref(scene.handled)};
  CHECK(error_of_run<GapError>(consumer).gap() == OffsetRange{Scene::orders(0), 1, 3});
  CHECK(scene.stored(0) == 1);
}

TEST_CASE("a right that is missing ends the consumer, though librdkafka tells it of a partition alone", "[engine]") {
  DamagedScene scene;
  scene.move(0, 0);
  scene.move(1, 0);
  scene.cluster.fail_fetches(RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, 20);
  MicroBatchConsumer<> consumer{scene.options, scene.store, std::ref(scene.handled)};
  const auto error = error_of_run<KafkaError>(consumer);
  CHECK(error.code() == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
  CHECK_THAT(error.what(), containing("orders ["));
  CHECK_THAT(error.what(), containing("must let this user read the topic and the group"));
}

TEST_CASE(
    "what a pattern matches without the right to read it is passed over, told again, and read once the right is there",
    "[engine]") {
  DamagedScene scene;
  scene.produce(0, 1);
  scene.move(0, 0);
  scene.move(1, 0);
  scene.options.partitions.clear();
  scene.options.topics = {"^ord"};
  scene.options.lag_interval = 200ms;
  scene.options.kafka["session.timeout.ms"] = "3000";
  scene.options.kafka["heartbeat.interval.ms"] = "100";
  scene.cluster.fail_fetches(RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, 12);
  MicroBatchConsumer<> consumer{scene.options, scene.store, std::ref(scene.handled)};
  Running running{consumer};
  REQUIRE(eventually([&] { return scene.observer->heard().unreadable.size() >= 4; }, patience));
  const auto heard = scene.observer->heard();
  CHECK(heard.unreadable.front().code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
  CHECK_THAT(heard.unreadable_reasons.front(), containing("must let this user read the topic"));
  CHECK(scene.reaches(0, 1));
  running.stop();
}

TEST_CASE("a partition of which nothing comes is named, again and again, whatever the cause", "[engine]") {
  DamagedScene scene;
  scene.produce(1, 1);
  scene.move(0, 0);
  scene.move(1, 0);
  scene.cluster.take_leader("orders", 0, true);
  MicroBatchConsumer<> consumer{scene.options, scene.store, std::ref(scene.handled)};
  Running running{consumer};
  REQUIRE(scene.reaches(1, 1));
  const auto complaints = [&](const char* about) {
    int count = 0;
    for (const auto& error : scene.observer->heard().errors)
      if (error.find(about) != std::string::npos) ++count;
    return count;
  };
  REQUIRE(eventually([&] { return complaints("orders [0] stands still at offset 0") >= 2; }, patience));
  CHECK(complaints("orders [1] stands still") == 0);
  running.stop();
}
