#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>

#include <tidemark/error.hpp>
#include <tidemark/micro_batch_consumer.hpp>

#include "engine/scene.hpp"
#include "support/catch.hpp"

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;

TEST_CASE("an observer hears of assignment, batches, commits and lag, in figures that add up", "[engine]") {
  Scene scene;
  scene.produce(0, 30);
  auto options = scene.options();
  options.batch.max_records = 10;
  options.lag_interval = 1ms;
  MicroBatchConsumer<> consumer{options, scene.store, std::ref(scene.handled)};
  Running running{consumer};
  REQUIRE(scene.reaches(30));
  const std::vector<PartitionProgress> done{{Scene::orders(0), 30, 30}};
  REQUIRE(eventually(
      [&] {
        const auto lags = scene.observer->heard().lags;
        return !lags.empty() && lags.back() == done;
      },
      patience));
  running.stop();

  const auto heard = scene.observer->heard();
  REQUIRE_FALSE(heard.rebalances.empty());
  CHECK(heard.rebalances.front().kind == RebalanceEvent::Kind::assigned);
  CHECK(heard.rebalances.front().partitions == std::vector{Scene::orders(0)});
  std::size_t records = 0;
  std::size_t bytes = 0;
  for (const auto& batch : heard.batches) {
    records += batch.records;
    bytes += batch.bytes;
    CHECK(batch.attempt == 1);
    CHECK(batch.handler_time.count() > 0);
  }
  CHECK(records == 30);
  CHECK(bytes == 10 + 2 * 20);
  std::int64_t next = 0;
  for (const auto& commit : heard.commits) {
    REQUIRE(commit.ranges.size() == 1);
    CHECK(commit.ranges.front().from == next);
    CHECK(commit.attempts == 1);
    next = commit.ranges.front().until;
  }
  CHECK(next == 30);
  CHECK(heard.errors.empty());
}

TEST_CASE("keys and headers that may fill the memory beside its budget are told once, with the remedy", "[engine]") {
  Scene scene;
  for (int i = 0; i < 300; ++i)
    scene.broker.produce({.topic = "orders",
                          .partition = 0,
                          .key = std::string(1'000, 'k'),
                          .value = "v",
                          .headers = {{"trace", std::string(9'000 - 5, 't')}}});
  MicroBatchConsumer<> consumer{scene.options(), scene.store, std::ref(scene.handled)};
  Running running{consumer};
  REQUIRE(scene.reaches(300));
  running.stop();
  std::vector<std::string> told;
  for (const auto& line : scene.observer->heard().logs)
    if (line.find("queued.min.messages") != std::string::npos) told.push_back(line);
  REQUIRE(told.size() == 1);
  CHECK_THAT(told[0], containing("10000 bytes a record"));
  CHECK_THAT(told[0], containing("{\"queued.min.messages\", \"2516\"}"));
}

TEST_CASE("that no partition is left is told once, so that no lag lasts for ever", "[engine]") {
  Scene scene;
  auto options = scene.options();
  options.lag_interval = 1ms;
  SECTION("by stop()") {}
  SECTION("by stop(), before the lag is due again") { options.lag_interval = 1h; }
  SECTION("by an error") {
    options.handler_retry.attempts = 1;
    scene.produce(1, 1);
    options.partitions.push_back(Scene::orders(1));
  }
  MicroBatchConsumer<> consumer{options, scene.store, [&](const Batch<>& batch) {
                                  scene.handled(batch);
                                  const auto told = [&] { return !scene.observer->heard().lags.empty(); };
                                  if (!batch.empty() && batch[0].partition() == 1) {
                                    if (!eventually(told, patience)) return;
                                    throw std::runtime_error{"no"};
                                  }
                                }};
  Running running{consumer};
  if (options.partitions.size() > 1) {
    CHECK_THROWS_WITH(running.join(), "no");
  } else {
    scene.produce(0, 1);
    REQUIRE(scene.reaches(1));
    if (options.lag_interval == 1ms)
      REQUIRE(eventually([&] { return !scene.observer->heard().lags.empty(); }, patience));
    running.stop();
  }
  const auto lags = scene.observer->heard().lags;
  const auto empty = std::ranges::count_if(lags, [](const auto& lag) { return lag.empty(); });
  CHECK(empty == (lags.empty() ? 0 : 1));
  if (options.lag_interval == 1ms) REQUIRE_FALSE(lags.empty());
  if (!lags.empty()) CHECK(lags.back().empty());
}

TEST_CASE("an observer that consumers share can hear of each by name", "[engine]") {
  struct Shared final : Observer {
    std::mutex mutex;
    std::vector<std::string> made{};
    std::map<std::string, std::shared_ptr<RecordingObserver>> each{};

    std::shared_ptr<Observer> for_consumer(const ConsumerInfo& consumer) override {
      const std::lock_guard lock{mutex};
      made.push_back(std::string{consumer.group} + '/' + std::string{consumer.client_id} + '/' +
                     std::string{consumer.group_instance} + '@' + std::string{consumer.brokers});
      return each[std::string{consumer.client_id}] = std::make_shared<RecordingObserver>();
    }
  };
  const auto shared = std::make_shared<Shared>();
  Scene scene;
  scene.produce(0, 1);
  scene.produce(1, 1);
  auto options = scene.options();
  options.observer = shared;
  MicroBatchConsumer<> consumer{options, scene.store, std::ref(scene.handled)};
  options.partitions = {Scene::orders(1)};
  options.kafka["client.id"] = "eu-1";
  options.kafka["group.instance.id"] = "host-7";
  MicroBatchConsumer<> other{options, scene.store, std::ref(scene.handled)};
  CHECK(shared->made ==
        std::vector<std::string>{"billing/tidemark/@" + options.brokers, "billing/eu-1/host-7@" + options.brokers});
  options.group.clear();
  CHECK_THROWS_AS((MicroBatchConsumer<>{options, scene.store, std::ref(scene.handled)}), ConfigError);
  CHECK(shared->made.size() == 2);
  CHECK(shared->each.at("eu-1")->heard().starts.empty());

  Running running{consumer};
  Running other_running{other};
  REQUIRE(scene.reaches(1, 0));
  REQUIRE(scene.reaches(1, 1));
  running.stop();
  other_running.stop();
  for (const auto& [name, partition] : {std::pair{"tidemark", 0}, {"eu-1", 1}}) {
    const auto heard = shared->each.at(name)->heard();
    CHECK(heard.starts == std::vector<std::string>{name});
    REQUIRE(heard.commits.size() == 1);
    CHECK(heard.commits.front().ranges.front().partition == Scene::orders(partition));
  }
}

TEST_CASE("what an observer throws when a consumer is made leaves the constructor", "[engine]") {
  struct Full final : Observer {
    std::shared_ptr<Observer> for_consumer(const ConsumerInfo&) override { throw std::runtime_error{"no room"}; }
  };
  Scene scene;
  auto options = scene.options();
  options.observer = std::make_shared<Full>();
  CHECK_THROWS_WITH((MicroBatchConsumer<>{options, scene.store, std::ref(scene.handled)}), "no room");
}

TEST_CASE("an observer hears librdkafka's statistics, if asked for", "[engine]") {
  Scene scene;
  auto options = scene.options();
  options.kafka["statistics.interval.ms"] = "50";
  MicroBatchConsumer<> consumer{options, scene.store, std::ref(scene.handled)};
  Running running{consumer};
  REQUIRE(eventually([&] { return scene.observer->heard().statistics.size() > 1; }, patience));
  running.stop();
  CHECK_THAT(scene.observer->heard().statistics.back(), containing("\"client_id\""));
}

TEST_CASE("an observer hears librdkafka's log", "[engine]") {
  Scene scene;
  auto options = scene.options();
  options.kafka["debug"] = "consumer";
  MicroBatchConsumer<> consumer{options, scene.store, std::ref(scene.handled)};
  Running running{consumer};
  CHECK(eventually([&] { return !scene.observer->heard().logs.empty(); }, patience));
  running.stop();
  for (const auto& log : scene.observer->heard().logs) CHECK_THAT(log, containing("librdkafka"));
}

TEST_CASE("without an observer a consumer works as well", "[engine]") {
  Scene scene;
  scene.produce(0, 10);
  auto options = scene.options();
  options.observer = nullptr;
  options.kafka["debug"] = "all";
  MicroBatchConsumer<> consumer{options, scene.store, std::ref(scene.handled)};
  Running running{consumer};
  REQUIRE(scene.reaches(10));
}
