#include <tidemark/micro_batch_consumer.hpp>

#include "engine/mock_cluster.hpp"
#include "engine/scene.hpp"
#include "support/catch.hpp"
#include "support/test_producer.hpp"

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;

TEST_CASE("an observer hears of each wait for records that Kafka was known to have", "[engine]") {
  MockCluster cluster;
  cluster.create_topic("orders", 1);
  TestProducer producer{cluster.brokers()};
  for (int i = 0; i < 5; ++i) {
    producer.produce("orders", 0, std::nullopt, "value");
    producer.flush();  // a batch of its own, as the mock cluster hands out one at a time
  }
  cluster.set_round_trip(200ms);

  Handled handled;
  testing::MemoryOffsetStore store;
  const auto observer = std::make_shared<RecordingObserver>();
  MicroBatchConsumer<> consumer{{.brokers = cluster.brokers(),
                                 .group = "billing",
                                 .partitions = {Scene::orders(0)},
                                 .batch = {.max_wait = 0ms},
                                 .observer = observer},
                                store,
                                std::ref(handled)};
  Running running{consumer};
  REQUIRE(handled.reaches(5));
  running.stop();
  const auto stalls = observer->heard().stalls;
  CHECK(stalls.size() >= 3);  // the first answer tells where the end is
  for (const auto& stall : stalls) CHECK(stall.waited >= 20ms);
}

TEST_CASE("waiting for what nobody has written is no stall", "[engine]") {
  Scene scene;
  auto options = scene.options();
  options.lag_interval = 50ms;
  MicroBatchConsumer<> consumer{options, scene.store, std::ref(scene.handled)};
  Running running{consumer};
  const auto lag_reports = [&] { return scene.observer->heard().lags.size(); };
  for (int record = 1; record <= 3; ++record) {
    scene.produce(0, 1);
    REQUIRE(scene.reaches(record));
    // Until the wait for the next one is long.
    const auto before = lag_reports();
    REQUIRE(eventually([&] { return lag_reports() >= before + 2; }, patience));
  }
  running.stop();
  CHECK(scene.observer->heard().stalls.empty());
}
