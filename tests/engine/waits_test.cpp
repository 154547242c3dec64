// Each kind of standstill is brought about: within seconds state() shows it, after 10 s the observer hears of it with place, reason and
// remedy, and once more when it is over.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <tidemark/error.hpp>
#include <tidemark/micro_batch_consumer.hpp>

#include "engine/gate.hpp"
#include "engine/mock_cluster.hpp"
#include "engine/scene.hpp"
#include "engine/scripted_store.hpp"
#include "support/catch.hpp"
#include "support/free_port.hpp"

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;

namespace {

void ignore(const Batch<>&) {}

ConsumerOptions options_for(const MockCluster& cluster) {
  ConsumerOptions options;
  options.brokers = cluster.address(1);
  options.group = "billing";
  options.partitions = {{"orders", 0}};
  options.connect_timeout = 1h;
  options.batch.max_wait = 10ms;
  options.kafka = {{"topic.metadata.refresh.interval.ms", "50"},
                   {"reconnect.backoff.max.ms", "100"},
                   {"session.timeout.ms", "3000"},
                   {"heartbeat.interval.ms", "100"},
                   {"fetch.wait.max.ms", "10"}};
  return options;
}

/// A consumer that runs, and what it says of its waits.
class Waiting {
 public:
  template <class Handler>
  Waiting(ConsumerOptions options, OffsetStore& store, Handler handler)
      : observer_{std::make_shared<RecordingObserver>()},
        consumer_{with_observer(std::move(options)), store, std::move(handler)},
        running_{consumer_} {}

  MicroBatchConsumer<>& consumer() { return consumer_; }
  Running<MicroBatchConsumer<>>& running() { return running_; }

  /// Whether state() shows the phase and the wait soon.
  [[nodiscard]] bool shows(ConsumerPhase phase, WaitKind kind) {
    return eventually(
        [&] {
          const auto state = consumer_.state();
          return state.phase == phase &&
                 std::ranges::any_of(state.waits, [&](const auto& wait) { return wait.kind == kind; });
        },
        10s);
  }
  [[nodiscard]] bool is(ConsumerPhase phase) {
    return eventually([&] { return consumer_.state().phase == phase; }, 10s);
  }

  /// Whether the observer hears of the wait, on_log too, with this in the reason or the place and a remedy.
  [[nodiscard]] bool tells(WaitKind kind, const std::string& word) {
    const auto held = eventually(
        [&] {
          const auto heard = observer_->heard();
          return std::ranges::any_of(heard.waits, [&](const auto& wait) {
            const auto line = "tidemark " + wait.text;
            return wait.kind == kind && !wait.is_over && wait.lasted >= 10s && wait.lasted < 13s &&
                   wait.text.find(word) != std::string::npos && std::ranges::find(heard.logs, line) != heard.logs.end();
          });
        },
        patience);
    if (!held) dump();
    return held;
  }
  [[nodiscard]] bool tells_the_end(WaitKind kind) {
    const auto held = eventually(
        [&] {
          const auto heard = observer_->heard();
          return std::ranges::count_if(heard.waits,
                                       [&](const auto& wait) { return wait.kind == kind && wait.is_over; }) == 1;
        },
        patience);
    if (!held) dump();
    return held;
  }

 private:
  void dump() const {
    for (const auto& wait : observer_->heard().waits) UNSCOPED_INFO(wait.text << " / " << wait.lasted.count());
  }
  ConsumerOptions with_observer(ConsumerOptions options) const {
    options.observer = observer_;
    return options;
  }

  std::shared_ptr<RecordingObserver> observer_;
  MicroBatchConsumer<> consumer_;
  Running<MicroBatchConsumer<>> running_;
};

}  // namespace

TEST_CASE("a consumer that can't begin says what it waits for", "[engine]") {
  testing::MemoryOffsetStore store;
  MockCluster cluster{2};
  cluster.create_topic("orders", 1);
  cluster.set_leader("orders", 0, 2);
  cluster.set_coordinator("billing", 2);
  cluster.set_down(true, 2);
  auto nobody = options_for(cluster);
  nobody.brokers = "127.0.0.1:" + std::to_string(free_port());
  auto member = options_for(cluster);
  member.topics = {"orders"};
  member.partitions.clear();

  Waiting no_broker{nobody, store, ignore};
  Waiting no_coordinator{member, store, ignore};
  Waiting no_leader{options_for(cluster), store, ignore};
  CHECK(no_broker.shows(ConsumerPhase::connecting, WaitKind::brokers));
  CHECK(no_coordinator.shows(ConsumerPhase::connecting, WaitKind::coordinator));
  CHECK(no_leader.shows(ConsumerPhase::connecting, WaitKind::leader));
  CHECK(no_broker.tells(WaitKind::brokers, "Connection refused"));
  CHECK(no_coordinator.tells(WaitKind::coordinator, "advertised.listeners"));
  CHECK(no_leader.tells(WaitKind::leader, "advertised.listeners"));

  cluster.set_down(false, 2);
  CHECK(no_coordinator.tells_the_end(WaitKind::coordinator));
  CHECK(no_leader.tells_the_end(WaitKind::leader));
  CHECK(no_leader.is(ConsumerPhase::reading));
  for (auto* one : {&no_broker, &no_coordinator, &no_leader}) one->running().stop();
  CHECK(no_broker.consumer().state().phase == ConsumerPhase::ended);
}

TEST_CASE("a consumer that can't go on with its batches says why", "[engine]") {
  Scene scene;
  scene.produce(0, 1);
  scene.produce(1, 1);
  scene.produce(2, 1);
  const auto options_of = [&](std::int32_t partition) {
    auto options = scene.options(0);
    options.partitions = {Scene::orders(partition)};
    options.store_retry.give_up_after = 1h;
    return options;
  };
  Gate handler_gate;
  Gate store_gate;
  std::atomic<bool> store_fails = true;
  ScriptedStore slow{scene.store};
  slow.on_commit = [&](std::span<const OffsetRange>) {
    store_gate.pass();
    return std::nullopt;
  };
  ScriptedStore away{scene.store};
  away.on_commit = [&](std::span<const OffsetRange>) -> std::optional<Conflict> {
    if (store_fails) throw StoreError{"the server is away", StoreError::Retry::yes};
    return std::nullopt;
  };
  Waiting handling{options_of(0), scene.store, [&](const Batch<>&) { handler_gate.pass(); }};
  Waiting committing{options_of(1), slow, ignore};
  Waiting retrying{options_of(2), away, ignore};
  auto failing = options_of(0);
  failing.handler_retry = {.attempts = 2, .first_delay = 1h, .max_delay = 1h};
  Waiting again{failing, scene.store, [](const Batch<>&) { throw std::runtime_error{"no such account"}; }};
  Waiting paused{options_of(0), scene.store, ignore};
  paused.consumer().pause();

  CHECK(handling.shows(ConsumerPhase::handling, WaitKind::handler));
  CHECK(committing.shows(ConsumerPhase::committing, WaitKind::store));
  CHECK(retrying.shows(ConsumerPhase::retrying_store, WaitKind::store));
  CHECK(again.shows(ConsumerPhase::handling, WaitKind::retry));
  CHECK(paused.shows(ConsumerPhase::paused, WaitKind::pause));
  CHECK(handling.consumer().state().partitions.front().phase == PartitionPhase::handling);
  CHECK(handling.tells(WaitKind::handler, "orders [0]"));
  CHECK(committing.tells(WaitKind::store, "has not returned"));
  CHECK(retrying.tells(WaitKind::store, "the server is away"));
  CHECK(again.tells(WaitKind::retry, "no such account"));
  CHECK(paused.tells(WaitKind::pause, "pause() was called"));

  store_fails = false;
  store_gate.open();
  paused.consumer().resume();
  CHECK(committing.tells_the_end(WaitKind::store));
  CHECK(retrying.tells_the_end(WaitKind::store));
  CHECK(paused.tells_the_end(WaitKind::pause));
  CHECK(retrying.is(ConsumerPhase::reading));

  handling.consumer().stop();
  CHECK(handling.shows(ConsumerPhase::stopping, WaitKind::stop));
  CHECK(handling.tells(WaitKind::stop, "the handler is at a batch of orders [0]"));
  handler_gate.open();
  handling.running().join();
  for (auto* one : {&committing, &retrying, &again, &paused}) one->running().stop();
}

TEST_CASE("a running consumer that misses something outside says what, and when it is back", "[engine]") {
  testing::MemoryOffsetStore store;
  MockCluster cluster;
  cluster.create_topic("orders", 2);
  cluster.take_leader("orders", 1, true);
  MockCluster outage;
  outage.create_topic("orders", 1);
  MockCluster without_topic;
  without_topic.create_topic("orders", 1);
  without_topic.hide_topic("bills", true);
  auto half = options_for(cluster);
  half.partitions = {{"orders", 0}, {"orders", 1}};
  auto member = options_for(without_topic);
  member.partitions.clear();
  member.topics = {"orders", "bills"};
  member.missing_topic = MissingTopicPolicy::wait;

  Waiting no_leader{half, store, ignore};
  Waiting no_brokers{options_for(outage), store, ignore};
  Waiting no_topic{member, store, ignore};
  REQUIRE(no_brokers.is(ConsumerPhase::reading));
  REQUIRE(eventually([&] { return no_brokers.consumer().progress().front().end.has_value(); }, patience));
  outage.set_down(true);
  CHECK(no_leader.shows(ConsumerPhase::reading, WaitKind::starts));
  CHECK(no_brokers.shows(ConsumerPhase::reading, WaitKind::brokers));
  CHECK(no_topic.shows(ConsumerPhase::reading, WaitKind::topic));
  const auto partitions = no_leader.consumer().state().partitions;
  REQUIRE(partitions.size() == 2);
  CHECK(partitions[0].phase == PartitionPhase::reading);
  CHECK(partitions[1].phase == PartitionPhase::loading);
  CHECK_THAT(partitions[1].why, containing("eader"));
  CHECK(no_leader.tells(WaitKind::starts, "orders [1]"));
  CHECK(no_brokers.tells(WaitKind::brokers, "goes on by itself"));
  CHECK(no_topic.tells(WaitKind::topic, "\"bills\""));

  cluster.take_leader("orders", 1, false);
  outage.set_down(false);
  without_topic.create_topic("bills", 1);
  without_topic.hide_topic("bills", false);
  CHECK(no_leader.tells_the_end(WaitKind::starts));
  CHECK(no_brokers.tells_the_end(WaitKind::brokers));
  CHECK(no_topic.tells_the_end(WaitKind::topic));
  for (auto* one : {&no_leader, &no_brokers, &no_topic}) one->running().stop();
}
