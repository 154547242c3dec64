#include <atomic>

#include <tidemark/micro_batch_consumer.hpp>

#include "engine/gate.hpp"
#include "engine/scene.hpp"
#include "support/catch.hpp"

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;

namespace {

using Clock = std::chrono::steady_clock;

/// Of what the handler has got, and when.
class Times {
 public:
  void operator()(const Batch<>& batch) {
    const std::lock_guard lock{mutex_};
    if (!first_) first_ = Clock::now();
    for (const auto& record : batch) ++records_[record.partition()];
    last_ = Clock::now();
  }
  std::size_t records(std::int32_t partition) const {
    const std::lock_guard lock{mutex_};
    const auto found = records_.find(partition);
    return found == records_.end() ? 0 : found->second;
  }
  /// From the first batch to the last.
  double seconds() const {
    const std::lock_guard lock{mutex_};
    return std::chrono::duration<double>(last_ - first_.value()).count();
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::int32_t, std::size_t> records_;
  std::optional<Clock::time_point> first_;
  Clock::time_point last_{};
};

}  // namespace

TEST_CASE("a consumer keeps to its rate", "[engine]") {
  Scene scene;
  scene.produce(0, 1500);
  auto options = scene.options();
  SECTION("in records") { options.rate_limit.records_per_second = 1000; }
  SECTION("in bytes") { options.rate_limit.bytes_per_second = 3000; }  // 4,890 bytes
  Times times;
  MicroBatchConsumer<> consumer{options, scene.store, std::ref(times)};
  Running running{consumer};
  REQUIRE(scene.reaches(1500));
  running.stop();
  // A tenth of a second's goes at once.
  CHECK(times.seconds() > 1.3);
  CHECK(times.records(0) == 1500);
}

TEST_CASE("all workers together keep to the consumer's rate", "[engine]") {
  Scene scene;
  for (int partition = 0; partition < 3; ++partition) scene.produce(partition, 500);
  auto options = scene.options(3);
  options.concurrency = 3;
  options.rate_limit.records_per_second = 1000;
  Times times;
  MicroBatchConsumer<> consumer{options, scene.store, std::ref(times)};
  Running running{consumer};
  for (int partition = 0; partition < 3; ++partition) REQUIRE(scene.reaches(500, partition));
  running.stop();
  CHECK(times.seconds() > 1.3);
}

TEST_CASE("a partition that has reached its rate does not hold up the others", "[engine]") {
  Scene scene;
  scene.produce(0, 2000);
  scene.produce(1, 40);
  auto options = scene.options(2);
  options.partition_rate_limit.records_per_second = 200;
  Times times;
  MicroBatchConsumer<> consumer{options, scene.store, std::ref(times)};
  Running running{consumer};
  REQUIRE(scene.reaches(40, 1));
  REQUIRE(eventually([&] { return times.records(0) >= 20; }, patience));
  scene.produce(1, 10);
  REQUIRE(scene.reaches(50, 1));
  CHECK(times.records(0) < 1500);
  // All of it comes, and in order, once there is no limit any more.
  consumer.limit_partition_rate({});
  REQUIRE(scene.reaches(2000));
  running.stop();
  CHECK(times.records(0) == 2000);
}

TEST_CASE("a partition's rate holds for long, and nothing is lost or out of order", "[engine]") {
  Scene scene;
  for (int partition = 0; partition < 3; ++partition) scene.produce(partition, 700);
  auto options = scene.options(3);
  options.partition_rate_limit.records_per_second = 500;
  options.batch.max_records = 30;
  Times times;
  MicroBatchConsumer<> consumer{options, scene.store, [&](const Batch<>& batch) {
                                  times(batch);
                                  scene.handled(batch);
                                }};
  Running running{consumer};
  for (int partition = 0; partition < 3; ++partition) REQUIRE(scene.reaches(700, partition));
  running.stop();
  CHECK(times.seconds() > 1.2);
  for (int partition = 0; partition < 3; ++partition)
    CHECK(scene.handled.offsets(Scene::orders(partition)) == offsets_between(0, 700));
}

TEST_CASE("a partition that is held back and taken away goes on with its next owner", "[engine]") {
  Scene scene;
  scene.produce(0, 3000);
  auto options = scene.member_options();
  options.partition_rate_limit.records_per_second = 300;
  MicroBatchConsumer<> first{options, scene.store, std::ref(scene.handled)};
  {
    Running running{first};
    REQUIRE(scene.handled.reaches(40));
    running.stop();
  }
  options.partition_rate_limit = {};
  MicroBatchConsumer<> second{options, scene.store, std::ref(scene.handled)};
  Running running{second};
  REQUIRE(scene.reaches(3000));
  running.stop();
  CHECK(scene.handled.offsets(Scene::orders(0)) == offsets_between(0, 3000));
}

TEST_CASE("an operator's reset reaches a partition that is held back", "[engine]") {
  Scene scene;
  scene.produce(0, 3000);
  auto options = scene.options();
  options.partition_rate_limit.records_per_second = 300;
  MicroBatchConsumer<> consumer{options, scene.store, std::ref(scene.handled)};
  Running running{consumer};
  REQUIRE(scene.handled.reaches(40));
  scene.reset(0, 2990);
  REQUIRE(scene.reaches(3000));
  running.stop();
  CHECK(scene.handled.count() < 3000);
}

TEST_CASE("rates can be changed while it runs, and before", "[engine]") {
  Scene scene;
  scene.produce(0, 5000);
  MicroBatchConsumer<> consumer{scene.options(), scene.store, std::ref(scene.handled)};
  consumer.limit_rate({.records_per_second = 100});
  Running running{consumer};
  REQUIRE(scene.handled.reaches(15));
  CHECK(scene.handled.count() < 2000);
  consumer.limit_rate({.records_per_second = 1'000'000});
  REQUIRE(scene.reaches(5000));
  running.stop();
}

TEST_CASE("a consumer that is held back stops at once", "[engine]") {
  Scene scene;
  scene.produce(0, 5000);
  auto options = scene.options();
  options.rate_limit.records_per_second = 1;
  MicroBatchConsumer<> consumer{options, scene.store, std::ref(scene.handled)};
  Running running{consumer};
  REQUIRE(scene.handled.reaches(1));
  running.stop();
  CHECK(scene.handled.count() < 20);
}

TEST_CASE("paused, a consumer finishes the batch in hand, gets no other, and goes on where it was", "[engine]") {
  Scene scene;
  scene.produce(0, 1000);
  auto options = scene.options();
  options.batch = {.max_records = 100, .max_wait = 1ms};
  Gate gate;
  MicroBatchConsumer<> consumer{options, scene.store, [&](const Batch<>& batch) {
                                  scene.handled(batch);
                                  gate.pass();
                                }};
  Running running{consumer};
  REQUIRE(gate.is_reached());
  consumer.pause();
  gate.open();
  REQUIRE(scene.reaches(100));
  scene.produce(0, 10);  // time in which it could read on
  CHECK(scene.handled.count() == 100);
  consumer.resume();
  REQUIRE(scene.reaches(1010));
  running.stop();
  CHECK(scene.handled.offsets(Scene::orders(0)) == offsets_between(0, 1010));
}

TEST_CASE("a consumer that is paused before it runs waits", "[engine]") {
  Scene scene;
  scene.produce(0, 10);
  MicroBatchConsumer<> consumer{scene.options(), scene.store, std::ref(scene.handled)};
  consumer.pause();
  Running running{consumer};
  REQUIRE(eventually([&] { return consumer.progress().size() == 1; }, patience));
  CHECK(scene.handled.count() == 0);
  consumer.resume();
  REQUIRE(scene.reaches(10));
  running.stop();
}

TEST_CASE("an observer may pause, resume and look at the progress in any of its calls", "[engine]") {
  struct Meddler final : Observer {
    void meddle() const {
      auto* its = consumer->load();
      if (its == nullptr) return;
      its->pause();
      static_cast<void>(its->progress());
      its->limit_partition_rate({.records_per_second = 100'000});
      its->resume();
    }
    void on_batch(const BatchEvent&) noexcept override { meddle(); }
    void on_commit(const CommitEvent&) noexcept override { meddle(); }
    void on_rebalance(const RebalanceEvent&) noexcept override { meddle(); }
    void on_out_of_range(const OutOfRangeEvent&) noexcept override { meddle(); }
    std::atomic<MicroBatchConsumer<>*>* consumer = nullptr;
  };
  Scene scene;
  scene.produce(0, 500);
  std::atomic<MicroBatchConsumer<>*> address = nullptr;
  const auto meddler = std::make_shared<Meddler>();
  meddler->consumer = &address;
  auto options = scene.options();
  options.batch.max_records = 10;
  options.observer = meddler;
  MicroBatchConsumer<> consumer{options, scene.store, std::ref(scene.handled)};
  address = &consumer;
  Running running{consumer};
  REQUIRE(scene.reaches(500));
  running.stop();
}

TEST_CASE("a handler can pause its consumer, and a paused one can be stopped", "[engine]") {
  Scene scene;
  scene.produce(0, 100);
  auto options = scene.options();
  options.batch = {.max_records = 10, .max_wait = 1ms};
  std::optional<MicroBatchConsumer<>> consumer;
  consumer.emplace(options, scene.store, [&](const Batch<>& batch) {
    scene.handled(batch);
    consumer->pause();
  });
  Running running{*consumer};
  REQUIRE(scene.reaches(10));
  running.stop();
  CHECK(scene.stored() == 10);
  CHECK(scene.handled.count() == 10);
}

TEST_CASE("a paused member keeps its partitions for longer than its session lasts, and fetches nothing anew",
          "[engine]") {
  Scene scene;
  scene.produce(0, 1000);
  auto options = scene.member_options();
  options.batch = {.max_records = 100, .max_wait = 1ms};
  options.lag_interval = 100ms;
  MicroBatchConsumer<> consumer{options, scene.store, std::ref(scene.handled)};
  Running running{consumer};
  REQUIRE(scene.reaches(1000));
  consumer.pause();
  scene.produce(0, 1000);
  // 3.5 s; a session lasts for 3.
  const auto reports = scene.observer->heard().lags.size() + 35;
  REQUIRE(eventually([&] { return scene.observer->heard().lags.size() >= reports; }, patience));
  CHECK(scene.handled.count() == 1000);
  consumer.resume();
  REQUIRE(scene.reaches(2000));
  running.stop();
  CHECK(scene.handled.offsets(Scene::orders(0)) == offsets_between(0, 2000));
  std::size_t assigned = 0;
  for (const auto& rebalance : scene.observer->heard().rebalances)
    if (rebalance.kind == RebalanceEvent::Kind::assigned) ++assigned;
  CHECK(assigned == 1);
}
