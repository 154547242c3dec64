#include <stdexcept>
#include <utility>  // Asio of Boost 1.74 uses std::exchange and does not say so

#include <boost/asio/awaitable.hpp>

// Clang with Boost 1.74 has none.
#ifdef BOOST_ASIO_HAS_CO_AWAIT

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <tidemark/each_record.hpp>
#include <tidemark/error.hpp>
#include <tidemark/micro_batch_consumer.hpp>
#include <tidemark/on_executor.hpp>

#include "engine/asio_thread.hpp"
#include "engine/gate.hpp"
#include "engine/keyed_scene.hpp"
#include "support/catch.hpp"

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

asio::awaitable<void> pass(asio::io_context& context, std::chrono::microseconds time) {
  asio::steady_timer timer{context, time};
  co_await timer.async_wait(asio::use_awaitable);
}

}  // namespace

TEST_CASE("a coroutine handles batches on its executor, and the offsets move when it has ended", "[engine]") {
  KeyedScene scene;
  AsioThread asio_thread;
  bool is_on_executor = false;
  std::optional<std::int64_t> stored_before{-1};
  MicroBatchConsumer<std::string> consumer{
      scene.keyed(10, 10), scene.store,
      on_executor(asio_thread.context(), [&](const Batch<std::string>& batch) -> asio::awaitable<void> {
        is_on_executor = std::this_thread::get_id() == asio_thread.id();
        co_await pass(asio_thread.context(), 1ms);
        if (batch.size() != 10) throw std::runtime_error{"another batch"};
        stored_before = scene.stored();
      })};
  Running running{consumer};
  REQUIRE(scene.reaches(10));
  running.stop();
  CHECK(is_on_executor);
  CHECK_FALSE(stored_before);
}

TEST_CASE("a coroutine that throws is called again, and may reject", "[engine]") {
  KeyedScene scene;
  AsioThread asio_thread;
  auto options = scene.keyed(10, 10);
  options.handler_retry.attempts = 3;
  MicroBatchConsumer<> consumer{options, scene.store,
                                on_executor(asio_thread.context(), [&](const Batch<>& batch) -> asio::awaitable<void> {
                                  co_await pass(asio_thread.context(), 10us);
                                  batch.reject(batch[4], "a four");
                                  if (batch.attempt() < 3) throw std::runtime_error{"not yet"};
                                })};
  Running running{consumer};
  REQUIRE(scene.reaches(10));
  running.stop();
  CHECK(scene.observer->heard().retries.size() == 2);
  CHECK(scene.sink->offsets() == std::vector<std::int64_t>{4});
}

TEST_CASE("a coroutine's exception ends the consumer", "[engine]") {
  KeyedScene scene;
  AsioThread asio_thread;
  MicroBatchConsumer<> consumer{scene.keyed(10, 10), scene.store,
                                on_executor(asio_thread.context(), [](const Batch<>&) -> asio::awaitable<void> {
                                  throw 42;
                                  co_return;
                                })};
  CHECK(error_of_run<int>(consumer) == 42);
  CHECK_FALSE(scene.stored());
}

TEST_CASE("a coroutine sees that it is to stop, and may give the batch up", "[engine]") {
  KeyedScene scene;
  AsioThread asio_thread;
  Gate gate;
  MicroBatchConsumer<> consumer{scene.keyed(10, 10), scene.store,
                                on_executor(asio_thread.context(), [&](const Batch<>& batch) -> asio::awaitable<void> {
                                  gate.arrive();
                                  while (!batch.stop_token().stop_requested())
                                    co_await pass(asio_thread.context(), 100us);
                                  throw std::runtime_error{"gives up"};
                                })};
  Running running{consumer};
  REQUIRE(gate.is_reached());
  running.stop();
  CHECK_FALSE(scene.stored());
}

TEST_CASE("a context that is destroyed under a coroutine fails the batch", "[engine]") {
  KeyedScene scene;
  AsioThread asio_thread;
  Gate gate;
  MicroBatchConsumer<> consumer{scene.keyed(10, 10), scene.store,
                                on_executor(asio_thread.context(), [&](const Batch<>&) -> asio::awaitable<void> {
                                  gate.arrive();
                                  co_await pass(asio_thread.context(), 1h);
                                })};
  Running running{consumer};
  REQUIRE(gate.is_reached());
  asio_thread.destroy_context();
  CHECK_THROWS_AS(running.join(), Error);
  CHECK_FALSE(scene.stored());
}

TEST_CASE("two workers' coroutines overlap on one thread", "[engine]") {
  Scene scene;
  AsioThread asio_thread;
  for (int partition = 0; partition < 2; ++partition) scene.produce(partition, 5);
  auto options = scene.options(2);
  options.concurrency = 2;
  options.batch = {.max_records = 5, .max_wait = 1h};
  int under_way = 0;
  MicroBatchConsumer<> consumer{options, scene.store,
                                on_executor(asio_thread.context(), [&](const Batch<>&) -> asio::awaitable<void> {
                                  ++under_way;
                                  while (under_way < 2) co_await pass(asio_thread.context(), 100us);
                                })};
  Running running{consumer};
  for (int partition = 0; partition < 2; ++partition) REQUIRE(scene.reaches(5, partition));
  running.stop();
}

TEST_CASE("each_record takes coroutines, with the batch or without, and they overlap", "[engine]") {
  KeyedScene scene;
  AsioThread asio_thread;
  int under_way = 0;
  int most = 0;
  const auto call = [&]() -> asio::awaitable<void> {
    most = std::max(most, ++under_way);
    while (most < 100) co_await pass(asio_thread.context(), 100us);
    --under_way;
  };
  SECTION("without") {
    MicroBatchConsumer<> consumer{
        scene.keyed(300, 150), scene.store,
        each_record(asio_thread.context(), {.max_records = 100}, [&](const Record<>&) { return call(); })};
    Running running{consumer};
    CHECK(scene.reaches(300));
    running.stop();
  }
  SECTION("with") {
    MicroBatchConsumer<> consumer{scene.keyed(300, 150), scene.store,
                                  each_record(asio_thread.context(), {.max_records = 100},
                                              [&](Record<> record, const Batch<>& batch) -> asio::awaitable<void> {
                                                co_await call();
                                                if (record.offset() == 7) batch.reject(record, "seven");
                                              })};
    Running running{consumer};
    CHECK(scene.reaches(300));
    running.stop();
    CHECK(scene.sink->offsets() == std::vector<std::int64_t>{7});
  }
  CHECK(most == 100);
}

TEST_CASE("a coroutine of each_record that throws fails its record only", "[engine]") {
  KeyedScene scene;
  AsioThread asio_thread;
  auto options = scene.keyed(50, 10);
  options.handler_retry.attempts = 2;
  int calls = 0;
  MicroBatchConsumer<> consumer{options, scene.store,
                                each_record(asio_thread.context(), {.max_records = 10},
                                            [&](const Record<>& record, const Batch<>& batch) -> asio::awaitable<void> {
                                              ++calls;
                                              co_await pass(asio_thread.context(), 10us);
                                              if (record.offset() == 20 && batch.attempt() == 1)
                                                throw std::runtime_error{"20"};
                                            })};
  Running running{consumer};
  REQUIRE(scene.reaches(50));
  running.stop();
  CHECK(calls == 51);
}

TEST_CASE("a context that is destroyed under each_record's coroutines fails the batch", "[engine]") {
  KeyedScene scene;
  AsioThread asio_thread;
  Gate gate;
  MicroBatchConsumer<> consumer{
      scene.keyed(10, 10), scene.store,
      each_record(asio_thread.context(), {.max_records = 4}, [&](const Record<>&) -> asio::awaitable<void> {
        gate.arrive();
        co_await pass(asio_thread.context(), 1h);
      })};
  Running running{consumer};
  REQUIRE(gate.is_reached(4));
  asio_thread.destroy_context();
  CHECK_THROWS_AS(running.join(), Error);
  CHECK_FALSE(scene.stored());
}

#endif
