#include <pthread.h>

#include <atomic>
#include <chrono>
#include <ctime>
#include <memory>
#include <stdexcept>

#include <tidemark/micro_batch_consumer.hpp>
#include <tidemark/testing/faulty_offset_store.hpp>

#include "engine/gate.hpp"
#include "engine/mock_cluster.hpp"
#include "engine/scene.hpp"
#include "support/catch.hpp"

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;
using testing::Fault;
using testing::FaultyOffsetStore;

namespace {

constexpr auto for_ever = std::chrono::milliseconds::max();

/// Tells how much processor time the control thread has taken, which on_rebalance is called on.
class ControlThreadMeter final : public Observer {
 public:
  void on_rebalance(const RebalanceEvent&) noexcept override {
    clockid_t clock{};
    pthread_getcpuclockid(pthread_self(), &clock);
    clock_ = clock;
    is_known_ = true;
  }

  bool is_known() const { return is_known_; }
  std::chrono::nanoseconds used() const {
    timespec time{};
    clock_gettime(clock_, &time);
    return std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec};
  }

 private:
  std::atomic<clockid_t> clock_{};
  std::atomic<bool> is_known_ = false;
};

ConsumerOptions patient(const Scene& scene) {
  auto options = scene.options();
  options.batch.max_wait = for_ever;
  options.batch.max_records = 10;
  options.connect_timeout = options.drain_timeout = options.handler_timeout = options.stop_timeout = for_ever;
  options.handler_grace_period = for_ever;
  options.lag_interval = options.store_poll_interval = for_ever;
  return options;
}

}  // namespace

TEST_CASE("with all durations for ever, what is handled is stored", "[engine]") {
  Scene scene;
  scene.produce(0, 25);
  MicroBatchConsumer<> consumer{patient(scene), scene.store, std::ref(scene.handled)};
  Running running{consumer};
  REQUIRE(scene.reaches(20));
  running.stop();
  for (const auto& batch : scene.handled.batches()) CHECK(batch.records.size() == 10);  // none closed early
}

TEST_CASE("with stop_timeout for ever, a stop waits for the handler and stores what it did", "[engine]") {
  Scene scene;
  scene.produce(0, 10);
  Gate gate;
  auto options = scene.options();
  options.stop_timeout = for_ever;
  MicroBatchConsumer<> consumer{options, scene.store, [&](const Batch<>& batch) {
                                  gate.arrive();
                                  wait_for_stop(batch);
                                  scene.handled(batch);
                                }};
  Running running{consumer};
  REQUIRE(gate.is_reached());
  consumer.stop();
  running.join();
  CHECK(scene.stored() == static_cast<std::int64_t>(scene.handled.count()));
}

TEST_CASE("with all durations for ever, the control thread rests", "[engine]") {
  Scene scene;
  scene.produce(0, 10);
  Gate gate;
  const auto meter = std::make_shared<ControlThreadMeter>();
  auto options = patient(scene);
  options.observer = meter;
  MicroBatchConsumer<> consumer{options, scene.store, [&](const Batch<>&) { gate.pass(); }};
  Running running{consumer};
  REQUIRE(gate.is_reached());
  REQUIRE(eventually([&] { return meter->is_known(); }, patience));
  const auto before = meter->used();
  CHECK_FALSE(eventually([&] { return meter->used() - before > 100ms; }, 1s));
  gate.open();
  running.stop();
}

TEST_CASE("with connect_timeout for ever, a broker is waited for beyond the first try", "[engine]") {
  MockCluster cluster;
  cluster.create_topic("orders", 1);
  cluster.set_down(true);
  testing::MemoryOffsetStore store;
  ConsumerOptions options;
  options.brokers = cluster.brokers();
  options.group = "billing";
  options.partitions = {{"orders", 0}};
  options.connect_timeout = for_ever;
  options.kafka = {{"reconnect.backoff.max.ms", "100"}};
  MicroBatchConsumer<> consumer{options, store, [](const Batch<>&) {}};
  Running running{consumer};
  // A try lasts for a second: by then the first is over.
  const auto begin = std::chrono::steady_clock::now();
  REQUIRE(eventually([&] { return std::chrono::steady_clock::now() - begin > 1500ms; }, patience));
  cluster.set_down(false);
  CHECK(eventually([&] { return !consumer.progress().empty(); }, patience));
  CHECK_NOTHROW(running.stop());
}

TEST_CASE("with give_up_after for ever, a store and a handler that fail are called again", "[engine]") {
  Scene scene;
  scene.produce(0, 10);
  auto options = patient(scene);
  options.handler_retry = {.attempts = 10, .first_delay = 1ms, .max_delay = for_ever, .give_up_after = for_ever};
  options.store_retry = {.first_delay = 1ms, .max_delay = for_ever, .give_up_after = for_ever};
  std::atomic<int> failing = 3;
  FaultyOffsetStore store{scene.store, {{.call = Fault::Call::commit, .nth = 1, .times = 3}}};
  MicroBatchConsumer<> consumer{options, store, [&](const Batch<>& batch) {
                                  if (failing-- > 0) throw std::runtime_error{"not yet"};
                                  scene.handled(batch);
                                }};
  Running running{consumer};
  CHECK(scene.reaches(10));
  running.stop();
}
