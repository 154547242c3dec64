#include <tidemark/error.hpp>
#include <tidemark/micro_batch_consumer.hpp>

#include "engine/gate.hpp"
#include "engine/ledger_store.hpp"
#include "engine/scene.hpp"
#include "support/catch.hpp"

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;

namespace {

ConsumerOptions impatient(ConsumerOptions options) {
  options.handler_timeout = 50ms;
  options.handler_grace_period = 1h;
  return options;
}

[[nodiscard]] bool is_told_of(const Scene& scene, std::size_t timeouts) {
  return eventually([&] { return scene.observer->heard().timeouts.size() >= timeouts; }, patience);
}

}  // namespace

TEST_CASE("a handler that takes too long is asked to finish, and what it then finishes is committed", "[engine]") {
  Scene scene;
  scene.produce(0, 20);
  auto options = impatient(scene.options());
  options.batch.max_records = 10;
  MicroBatchConsumer<> consumer{options, scene.store, [&](const Batch<>& batch) {
                                  if (batch[0].offset() == 0) wait_for_stop(batch);
                                  CHECK(batch.stop_token().stop_requested() == (batch[0].offset() == 0));
                                  scene.handled(batch);
                                }};
  Running running{consumer};
  REQUIRE(scene.reaches(20));
  running.stop();
  CHECK(scene.handled.offsets(Scene::orders(0)) == offsets_between(0, 20));
  const auto timeouts = scene.observer->heard().timeouts;
  REQUIRE(timeouts.size() == 1);
  CHECK(timeouts[0].ranges == std::vector<OffsetRange>{{Scene::orders(0), 0, 10}});
  CHECK(timeouts[0].handler_time >= 50ms);
  CHECK_FALSE(timeouts[0].given_up);
}

TEST_CASE("a handler that throws for its time-out has failed, and is called again as the retry policy says",
          "[engine]") {
  Scene scene;
  scene.produce(0, 10);
  auto options = impatient(scene.options());
  options.handler_retry.attempts = 3;
  options.handler_retry.first_delay = 1ms;
  MicroBatchConsumer<> consumer{options, scene.store, [&](const Batch<>& batch) {
                                  if (batch.attempt() < 3) {
                                    wait_for_stop(batch);
                                    throw std::runtime_error{"too slow"};
                                  }
                                  scene.handled(batch);
                                }};
  Running running{consumer};
  REQUIRE(scene.reaches(10));
  running.stop();
  CHECK(scene.handled.count() == 10);
  CHECK(scene.observer->heard().timeouts.size() == 2);
  CHECK(scene.observer->heard().retries == std::vector<std::string>{"too slow", "too slow"});
}

TEST_CASE("a handler that does not return when asked gives its partitions up; the others' batches are committed",
          "[engine]") {
  Scene scene;
  const bool is_member = GENERATE(false, true);
  auto options = impatient(is_member ? scene.member_options() : scene.options(2));
  options.concurrency = 2;
  options.handler_grace_period = 50ms;
  options.drain_timeout = 1h;  // is about revokes
  options.stop_timeout = 30s;
  Gate stuck;
  Gate other;
  MicroBatchConsumer<> consumer{options, scene.store, [&](const Batch<>& batch) {
                                  if (batch[0].partition() == 0) return stuck.pass();
                                  scene.handled(batch);
                                  other.arrive();
                                  static_cast<void>(is_told_of(scene, 2));
                                }};
  Running running{consumer};
  REQUIRE(eventually([&] { return !consumer.progress().empty(); }, patience));
  scene.produce(0, 10);
  REQUIRE(stuck.is_reached());
  scene.produce(1, 10);
  const auto began = std::chrono::steady_clock::now();
  REQUIRE(eventually([&] {
    const auto& heard = scene.observer->heard().timeouts;
    return std::ranges::any_of(heard, [](const auto& timeout) { return timeout.given_up; });
  }));
  // The group is left, though the handler is still at it: others may go on.
  if (is_member)
    REQUIRE(eventually([&] {
      const auto rebalances = scene.observer->heard().rebalances;
      return rebalances.back().kind == RebalanceEvent::Kind::revoked;
    }));
  CHECK(std::chrono::steady_clock::now() - began < 10s);
  stuck.open();
  CHECK_THROWS_AS(running.join(), HandlerTimeoutError);
  CHECK_FALSE(scene.stored(0));  // what was given up stays so, though the handler came to an end
  CHECK(scene.stored(1).value_or(0) == static_cast<std::int64_t>(scene.handled.offsets(Scene::orders(1)).size()));
}

TEST_CASE("a stuck partition is seen in progress(), and so is an idle one", "[engine]") {
  Scene scene;
  scene.produce(0, 10);
  scene.produce(1, 10);
  auto options = scene.options(2);
  options.concurrency = 2;
  Gate gate;
  MicroBatchConsumer<> consumer{options, scene.store, [&](const Batch<>& batch) {
                                  if (batch[0].partition() == 0) gate.pass();
                                }};
  Running running{consumer};
  REQUIRE(gate.is_reached());
  REQUIRE(scene.reaches(10, 1));
  const auto of = [&](std::size_t i) { return consumer.progress().at(i); };
  REQUIRE(eventually([&] { return of(0).in_handler_for.value_or(0ms) >= 100ms && of(1).still_for >= 100ms; }));
  const auto stuck = of(0);
  CHECK(stuck.lag() == 10);
  CHECK(stuck.still_for >= 100ms);
  CHECK(eventually([&] { return of(1).lag() == 0 && !of(1).in_handler_for; }));
  gate.open();
  REQUIRE(scene.reaches(10, 0));
  CHECK(eventually([&] { return !of(0).in_handler_for; }));
  CHECK(of(0).still_for < stuck.still_for + patience);
  running.stop();
}
