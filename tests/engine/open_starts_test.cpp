// What Kafka can't tell of a partition's start for now concerns that partition: the others are read, and it is asked for again.
#include <cstdint>
#include <memory>
#include <set>
#include <string>

#include <tidemark/error.hpp>
#include <tidemark/micro_batch_consumer.hpp>
#include <tidemark/testing/memory_offset_store.hpp>

#include "engine/mock_cluster.hpp"
#include "engine/recording_observer.hpp"
#include "engine/running.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;

namespace {

/// A consumer of "orders" with two partitions, and what it says.
struct Stage {
  MockCluster cluster;
  testing::MemoryOffsetStore store;
  std::shared_ptr<RecordingObserver> observer = std::make_shared<RecordingObserver>();
  ConsumerOptions options;

  Stage() {
    cluster.create_topic("orders", 2);
    options.brokers = cluster.brokers();
    options.group = "billing";
    options.partitions = {{"orders", 0}, {"orders", 1}};
    options.observer = observer;
    options.kafka = {{"topic.metadata.refresh.interval.ms", "50"}, {"fetch.wait.max.ms", "10"}};
  }

  void join_group(const std::string& strategy) {
    options.partitions.clear();
    options.topics = {"orders"};
    options.kafka["partition.assignment.strategy"] = strategy;
    options.kafka["session.timeout.ms"] = "3000";
    options.kafka["heartbeat.interval.ms"] = "100";
  }

  [[nodiscard]] bool says(const std::string& text) const {
    return eventually(
        [&] {
          for (const auto& error : observer->heard().errors)
            if (error.find(text) != std::string::npos) return true;
          return false;
        },
        patience);
  }
};

/// Whether exactly these partitions of "orders" are read, up to their end.
[[nodiscard]] bool reads(const MicroBatchConsumer<>& consumer, const std::set<std::int32_t>& wanted) {
  return eventually(
      [&] {
        std::set<std::int32_t> read;
        for (const auto& one : consumer.progress())
          if (one.end) read.insert(one.partition.partition);
        return read == wanted;
      },
      patience);
}

void ignore(const Batch<>&) {}

}  // namespace

TEST_CASE("a partition without a leader does not hold up the others, and is read once it has one", "[engine]") {
  Stage stage;
  SECTION("explicit partitions") {}
  SECTION("an eager group") { stage.join_group("range"); }
  SECTION("a cooperative group") { stage.join_group("cooperative-sticky"); }
  SECTION("latest, whose starts are stored at once") { stage.options.start = start::Latest{}; }
  stage.cluster.take_leader("orders", 1, true);
  MicroBatchConsumer<> consumer{stage.options, stage.store, ignore};
  Running running{consumer};
  REQUIRE(reads(consumer, {0}));
  REQUIRE(stage.says("orders [1] starts: Broker: Leader not available"));
  stage.cluster.take_leader("orders", 1, false);
  CHECK(reads(consumer, {0, 1}));
  CHECK_NOTHROW(running.stop());
}

TEST_CASE("a consumer of which no partition has a leader waits for them, and can be stopped", "[engine]") {
  Stage stage;
  for (int partition = 0; partition < 2; ++partition) stage.cluster.take_leader("orders", partition, true);
  MicroBatchConsumer<> consumer{stage.options, stage.store, ignore};
  Running running{consumer};
  REQUIRE(stage.says("a leader of orders [0], orders [1] does not yet"));
  SECTION("they come back") {
    for (int partition = 0; partition < 2; ++partition) stage.cluster.take_leader("orders", partition, false);
    CHECK(reads(consumer, {0, 1}));
  }
  SECTION("they stay away") {}
  CHECK_NOTHROW(running.stop());
}

TEST_CASE("a latest start that was decided holds, though the topic's others were stored meanwhile", "[engine]") {
  Stage stage;
  stage.options.start = start::Latest{};
  stage.cluster.produce("orders", 1, 10);
  stage.cluster.take_leader("orders", 1, true);
  MicroBatchConsumer<> consumer{stage.options, stage.store, ignore};
  Running running{consumer};
  REQUIRE(reads(consumer, {0}));
  stage.cluster.take_leader("orders", 1, false);
  REQUIRE(reads(consumer, {0, 1}));
  running.stop();
  const TopicPartition asked{"orders", 1};
  CHECK(stage.store.load({"billing"}, {&asked, 1}).front() == 10);
}

TEST_CASE("an error about starts that may heal is asked again", "[engine]") {
  const auto code = GENERATE(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
                             RD_KAFKA_RESP_ERR_UNKNOWN, RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE);
  CAPTURE(code);
  Stage stage;
  stage.cluster.refuse_offsets(code, 8);
  MicroBatchConsumer<> consumer{stage.options, stage.store, ignore};
  Running running{consumer};
  CHECK(reads(consumer, {0, 1}));
  CHECK_NOTHROW(running.stop());
}

TEST_CASE("an error about starts that cannot heal is a KafkaError that names the partition", "[engine]") {
  Stage stage;
  stage.cluster.refuse_offsets(RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, 8);
  MicroBatchConsumer<> consumer{stage.options, stage.store, ignore};
  const auto error = error_of_run<KafkaError>(consumer);
  CHECK(error.code() == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
  CHECK_THAT(error.what(), containing("orders [0]"));
}
