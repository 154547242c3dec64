// stop() and destruction in every state there is: each ends within its deadline, leaves no thread and no descriptor, and commits nothing
// that was not handled.

#include <filesystem>
#include <string>
#include <vector>

#include <tidemark/error.hpp>

#include "engine/ended.hpp"
#include "engine/mock_cluster.hpp"
#include "engine/recording_sink.hpp"
#include "engine/scene.hpp"
#include "support/catch.hpp"
#include "support/free_port.hpp"

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;

namespace {

std::size_t entries_of(const std::filesystem::path& folder) {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator{folder}) ++count;
  return count;
}

std::size_t threads() { return entries_of("/proc/self/task"); }
std::size_t descriptors() { return entries_of("/proc/self/fd"); }

/// A way to bring a consumer of the scene's partition 0, or of what else it sets up, into a state; returns once it is there.
struct State {
  std::string name;
  std::function<void(Scene&, Subject&)> enter;
};

void until(const std::function<bool()>& condition) {
  if (!eventually(condition, patience)) throw std::runtime_error{"the state was not reached"};
}

void start_with_records(Scene& scene, Subject& subject, int records = 10) {
  scene.produce(0, records);
  subject.start();
}

/// The handler is in its call and leaves it when the end has begun.
void hold_in_handler(Scene& scene, Subject& subject) {
  auto reached = std::make_shared<std::atomic<bool>>(false);
  subject.handler = [&subject, reached](const Batch<>&) {
    *reached = true;
    subject.wait_until_ending();
  };
  start_with_records(scene, subject);
  until([&] { return reached->load(); });
}

void hold_commit(Scene& scene, Subject& subject) {
  auto reached = std::make_shared<std::atomic<bool>>(false);
  subject.store.on_commit = [&subject, reached](std::span<const OffsetRange>) -> std::optional<Conflict> {
    *reached = true;
    subject.wait_until_ending();
    return std::nullopt;
  };
  start_with_records(scene, subject);
  until([&] { return reached->load(); });
}

void elsewhere(Subject& subject) { subject.options.brokers = "127.0.0.1:" + std::to_string(free_port()); }

const std::vector<State>& states() {
  static const std::vector<State> all{
      {"connecting",
       [](Scene&, Subject& subject) {
         elsewhere(subject);
         subject.options.connect_timeout = 1h;
         subject.start();
         until([&] { return !subject.observer->heard().errors.empty(); });
       }},
      {"gave up connecting",
       [](Scene&, Subject& subject) {
         elsewhere(subject);
         subject.options.connect_timeout = 1ms;
         subject.start();
         until([&] { return !subject.observer->heard().errors.empty(); });
       }},
      {"just begun", [](Scene& scene, Subject& subject) { start_with_records(scene, subject); }},
      {"joining a group",
       [](Scene& scene, Subject& subject) {
         subject.options = scene.member_options();
         subject.options.observer = subject.observer;
         subject.start();
       }},
      {"member of a group, idle",
       [](Scene& scene, Subject& subject) {
         subject.options = scene.member_options();
         subject.options.observer = subject.observer;
         subject.start();
         until([&] { return subject.consumer().progress().size() == 3; });
       }},
      {"loading offsets",
       [](Scene& scene, Subject& subject) {
         auto reached = std::make_shared<std::atomic<bool>>(false);
         subject.store.on_load = [&subject, reached](ScriptedStore::Stored&) {
           *reached = true;
           subject.wait_until_ending();
         };
         start_with_records(scene, subject);
         until([&] { return reached->load(); });
       }},
      {"store down while loading",
       [](Scene& scene, Subject& subject) {
         subject.store.on_load = [](ScriptedStore::Stored&) { throw StoreError{"away", StoreError::Retry::yes}; };
         subject.options.store_retry = {.first_delay = 1h, .max_delay = 1h, .give_up_after = 24h};
         start_with_records(scene, subject);
         until([&] { return !subject.observer->heard().errors.empty(); });
       }},
      {"idle, all handled",
       [](Scene& scene, Subject& subject) {
         start_with_records(scene, subject);
         until([&] { return !subject.observer->heard().commits.empty(); });
       }},
      {"a batch fills",
       [](Scene& scene, Subject& subject) {
         subject.options.batch.max_wait = 1h;
         start_with_records(scene, subject);
         until([&] { return subject.consumer().progress().size() == 1; });
       }},
      {"in a handler", hold_in_handler},
      {"in a handler that throws when it is asked to finish",
       [](Scene& scene, Subject& subject) {
         auto reached = std::make_shared<std::atomic<bool>>(false);
         subject.handler = [reached](const Batch<>& batch) {
           *reached = true;
           wait_for_stop(batch);
           throw std::runtime_error{"asked to"};
         };
         start_with_records(scene, subject);
         until([&] { return reached->load(); });
       }},
      {"in a handler past its time-out",
       [](Scene& scene, Subject& subject) {
         subject.options.handler_timeout = 1ms;
         hold_in_handler(scene, subject);
         until([&] { return !subject.observer->heard().timeouts.empty(); });
       }},
      {"between two attempts",
       [](Scene& scene, Subject& subject) {
         subject.options.handler_retry = {.attempts = 9, .first_delay = 1h, .max_delay = 1h, .give_up_after = 24h};
         subject.handler = [](const Batch<>&) { throw 42; };
         start_with_records(scene, subject);
         until([&] { return !subject.observer->heard().retries.empty(); });
       }},
      {"in a commit", hold_commit},
      {"in a commit, and later batches wait for it",
       [](Scene& scene, Subject& subject) {
         subject.options.max_uncommitted_batches = 3;
         subject.options.batch.max_records = 1;
         hold_commit(scene, subject);
       }},
      {"store down while committing",
       [](Scene& scene, Subject& subject) {
         subject.store.on_commit = [](std::span<const OffsetRange>) -> std::optional<Conflict> {
           throw StoreError{"away", StoreError::Retry::yes};
         };
         subject.options.store_retry = {.first_delay = 1h, .max_delay = 1h, .give_up_after = 24h};
         subject.options.stop_timeout = 100ms;
         start_with_records(scene, subject);
         until([&] { return !subject.observer->heard().errors.empty(); });
       }},
      {"a budget full of records behind a handler that is at it",
       [](Scene& scene, Subject& subject) {
         subject.options.memory_budget_bytes = 1 << 20;
         subject.options.batch.max_records = 1;
         const std::string large(20'000, 'x');
         for (int i = 0; i < 100; ++i) scene.broker.produce({.topic = "orders", .partition = 0, .value = large});
         scene.broker.flush();
         hold_in_handler(scene, subject);
       }},
      {"draining for a revoke",
       [](Scene& scene, Subject& subject) {
         subject.options = scene.member_options();
         subject.options.observer = subject.observer;
         auto asked = std::make_shared<std::atomic<bool>>(false);
         subject.handler = [&subject, asked](const Batch<>& batch) {
           wait_for_stop(batch);
           *asked = true;
           subject.wait_until_ending();
         };
         start_with_records(scene, subject);
         until([&] { return subject.consumer().progress().size() == 3; });
         testing::MemoryOffsetStore others;
         auto options = scene.member_options();
         auto other = std::make_shared<MicroBatchConsumer<>>(options, others, [](const Batch<>&) {});
         other->async_run([](const std::exception_ptr&) {});
         until([&] { return asked->load(); });
         other->stop();
       }},
      {"broker gone",
       [](Scene&, Subject& subject) {
         MockCluster cluster;
         cluster.create_topic("orders", 1);
         subject.options.brokers = cluster.brokers();
         subject.options.stop_timeout = 500ms;
         subject.start();
         until([&] { return subject.consumer().progress().size() == 1; });
         cluster.set_down(true);
         until([&] { return !subject.observer->heard().errors.empty(); });
       }},
      {"after a fatal error",
       [](Scene& scene, Subject& subject) {
         subject.handler = [](const Batch<>&) { throw 42; };
         start_with_records(scene, subject);
         until([&] { return subject.consumer().progress().empty() && !subject.observer->heard().rebalances.empty(); });
       }},
      {"stopped before, and again",
       [](Scene& scene, Subject& subject) {
         hold_in_handler(scene, subject);
         subject.consumer().stop();
         subject.consumer().stop();
       }},
  };
  return all;
}

}  // namespace

TEST_CASE("stop() and destruction end within their deadline in every state, and leave nothing behind", "[engine]") {
  const auto& state = states()[GENERATE(range(std::size_t{0}, states().size()))];
  const bool is_stopped = GENERATE(true, false);
  INFO((is_stopped ? "stop() while: " : "destroyed while: ") << state.name);
  Scene scene;
  scene.produce(1, 1);  // its client is connected
  {
    Subject first{scene.options()};  // and Asio has its threads
    first.start();
    first.stop();
  }
  const auto threads_before = threads();
  const auto descriptors_before = descriptors();
  {
    Subject subject{scene.options()};
    state.enter(scene, subject);
    static_cast<void>(is_stopped ? subject.stop() : subject.destroy());
    const auto orders = Scene::orders(0);
    CHECK(subject.stored.load({"billing"}, {&orders, 1}).front().value_or(0) <= subject.handled_until);
  }
  CHECK(eventually([&] { return threads() <= threads_before; }, patience));
  CHECK(eventually([&] { return descriptors() <= descriptors_before; }, patience));
}

TEST_CASE("there are at least 16 states to end in", "[engine]") { CHECK(states().size() >= 16); }

TEST_CASE("what fails on the control thread ends run() at once", "[engine]") {
  using Clock = std::chrono::steady_clock;
  auto best = Clock::duration::max();
  for (int i = 0; i < 5 && best > 500ms; ++i) {
    MockCluster cluster;
    cluster.create_topic("orders", 1);
    cluster.refuse_joins(RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, 5);
    ConsumerOptions options;
    options.brokers = cluster.brokers();
    options.group = "billing";
    options.topics = {"orders"};
    testing::MemoryOffsetStore store;
    MicroBatchConsumer<> consumer{options, store, [](const Batch<>&) {}};
    const auto began = Clock::now();
    CHECK(error_of_run<KafkaError>(consumer).code() == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED);
    best = std::min(best, Clock::now() - began);
  }
  CHECK(best < 500ms);
}
