// A cluster that answers at its bootstrap address and sends its clients to addresses that can't be reached.
#include <memory>
#include <string>

#include <tidemark/error.hpp>
#include <tidemark/micro_batch_consumer.hpp>

#include "engine/mock_cluster.hpp"
#include "engine/scene.hpp"
#include "support/catch.hpp"

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;

namespace {

void ignore(const Batch<>&) {}

ConsumerOptions options_for(const MockCluster& cluster) {
  ConsumerOptions options;
  options.brokers = cluster.address(1);
  options.group = "billing";
  options.topics = {"orders"};
  options.kafka = {{"topic.metadata.refresh.interval.ms", "50"}, {"reconnect.backoff.max.ms", "100"}};
  return options;
}

}  // namespace

TEST_CASE("a cluster that answers but advertises an address that can't be reached is a KafkaError with that address",
          "[engine]") {
  MockCluster cluster{2};
  cluster.create_topic("orders", 1);
  cluster.set_leader("orders", 0, 2);
  cluster.set_coordinator("billing", 2);
  cluster.set_down(true, 2);
  auto options = options_for(cluster);
  options.connect_timeout = 1500ms;
  std::string whom = "the coordinator of group \"billing\"";
  SECTION("a group") {}
  SECTION("a group, by a pattern") { options.topics = {"^ord.*"}; }
  SECTION("explicit partitions") {
    options.topics.clear();
    options.partitions = {{"orders", 0}};
    whom = "a leader of orders [0]";
  }
  testing::MemoryOffsetStore store;
  MicroBatchConsumer<> consumer{options, store, ignore};
  const auto error = error_of_run<KafkaError>(consumer);
  CHECK_THAT(error.what(), containing(whom));
  CHECK_THAT(error.what(), containing(cluster.address(2) + "/2"));
  CHECK_THAT(error.what(), containing("advertised.listeners"));
  CHECK_THAT(error.what(), containing("connect_timeout"));
}

TEST_CASE("a coordinator, or a leader, that comes up within connect_timeout is waited for", "[engine]") {
  MockCluster cluster{2};
  cluster.create_topic("orders", 1);
  cluster.set_leader("orders", 0, 2);
  cluster.set_coordinator("billing", 2);
  cluster.set_down(true, 2);
  auto options = options_for(cluster);
  options.kafka["session.timeout.ms"] = "3000";
  options.kafka["heartbeat.interval.ms"] = "100";
  SECTION("a group") {}
  SECTION("explicit partitions") {
    options.topics.clear();
    options.partitions = {{"orders", 0}};
  }
  const auto observer = std::make_shared<RecordingObserver>();
  options.observer = observer;
  testing::MemoryOffsetStore store;
  MicroBatchConsumer<> consumer{options, store, ignore};
  Running running{consumer};
  REQUIRE(eventually([&] { return !observer->heard().errors.empty(); }, patience));
  cluster.set_down(false, 2);
  CHECK(eventually([&] { return !consumer.progress().empty(); }, patience));
  CHECK_NOTHROW(running.stop());
}
