#include <future>
#include <optional>
#include <thread>
#include <utility>  // Asio of Boost 1.74 uses std::exchange and does not say so

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include <tidemark/micro_batch_consumer.hpp>

#include "engine/gate.hpp"
#include "engine/scene.hpp"
#include "support/catch.hpp"

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

void throw_42(const Batch<>&) { throw 42; }

int error_42(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (int number) {
    return number;
  }
}

}  // namespace

TEST_CASE("async_run keeps the io_context running and calls back on it", "[engine]") {
  Scene scene;
  scene.produce(0, 10);
  asio::io_context context;
  std::optional<MicroBatchConsumer<>> consumer;
  consumer.emplace(scene.options(), scene.store, [&](const Batch<>& batch) {
    scene.handled(batch);
    if (scene.handled.count() == 10) consumer->stop();
  });
  std::optional<std::thread::id> called_on;
  std::exception_ptr error;
  consumer->async_run(asio::bind_executor(context, [&](std::exception_ptr result) {
    called_on = std::this_thread::get_id();
    error = std::move(result);
  }));
  context.run();
  CHECK(called_on == std::this_thread::get_id());
  CHECK_FALSE(error);
  CHECK(scene.stored() == 10);
}

TEST_CASE("async_run calls back with the error that ended it", "[engine]") {
  Scene scene;
  scene.produce(0, 1);
  asio::io_context context;
  MicroBatchConsumer<> consumer{scene.options(), scene.store, throw_42};
  std::exception_ptr error;
  consumer.async_run(asio::bind_executor(context, [&](std::exception_ptr result) { error = std::move(result); }));
  context.run();
  REQUIRE(error);
  CHECK(error_42(error) == 42);
}

TEST_CASE("async_run takes a completion handler that cannot be copied", "[engine]") {
  Scene scene;
  scene.produce(0, 1);
  asio::io_context context;
  MicroBatchConsumer<> consumer{scene.options(), scene.store, throw_42};
  int seen = 0;
  consumer.async_run(asio::bind_executor(context, [&seen, owned = std::make_unique<int>(1)](std::exception_ptr error) {
    seen = *owned + (error ? 1 : 0);
  }));
  context.run();
  CHECK(seen == 2);
}

TEST_CASE("async_run as a future", "[engine]") {
  Scene scene;
  scene.produce(0, 10);
  SECTION("that a stop makes ready") {
    MicroBatchConsumer<> consumer{scene.options(), scene.store, std::ref(scene.handled)};
    auto done = consumer.async_run(asio::use_future);
    REQUIRE(scene.reaches(10));
    consumer.stop();
    REQUIRE(done.wait_for(patience) == std::future_status::ready);
    CHECK_NOTHROW(done.get());
  }
  SECTION("that throws what ended it") {
    MicroBatchConsumer<> consumer{scene.options(), scene.store, throw_42};
    auto done = consumer.async_run(asio::use_future);
    REQUIRE(done.wait_for(patience) == std::future_status::ready);
    CHECK_THROWS_AS(done.get(), int);
  }
}

TEST_CASE("async_run can be awaited", "[engine]") {
  Scene scene;
  scene.produce(0, 10);
  asio::io_context context;
  SECTION("until a stop") {
    MicroBatchConsumer<> consumer{scene.options(), scene.store, std::ref(scene.handled)};
    bool is_done = false;
    asio::co_spawn(
        context,
        [&]() -> asio::awaitable<void> {
          co_await consumer.async_run(asio::use_awaitable);
          is_done = true;
        },
        [](const std::exception_ptr& error) { CHECK_FALSE(error); });
    std::thread asio_thread{[&] { context.run(); }};
    const bool has_committed = scene.reaches(10);
    consumer.stop();
    asio_thread.join();
    CHECK(has_committed);
    CHECK(is_done);
  }
  SECTION("and throws what ended it") {
    MicroBatchConsumer<> consumer{scene.options(), scene.store, throw_42};
    int seen = 0;
    asio::co_spawn(
        context,
        [&]() -> asio::awaitable<void> {
          try {
            co_await consumer.async_run(asio::use_awaitable);
          } catch (int number) {
            seen = number;
          }
        },
        [](const std::exception_ptr& error) { CHECK_FALSE(error); });
    context.run();
    CHECK(seen == 42);
  }
}

TEST_CASE("stopped before it runs, async_run completes all the same, but not before it has returned", "[engine]") {
  Scene scene;
  asio::io_context context;
  MicroBatchConsumer<> consumer{scene.options(), scene.store, std::ref(scene.handled)};
  consumer.stop();
  bool is_done = false;
  consumer.async_run(asio::bind_executor(context, [&](const std::exception_ptr& error) {
    CHECK_FALSE(error);
    is_done = true;
  }));
  CHECK_FALSE(is_done);
  context.run();
  CHECK(is_done);
}

TEST_CASE("a consumer may be destroyed in its completion handler", "[engine]") {
  Scene scene;
  scene.produce(0, 1);
  asio::io_context context;
  auto consumer = std::make_unique<MicroBatchConsumer<>>(scene.options(), scene.store, throw_42);
  consumer->async_run(asio::bind_executor(context, [&](const std::exception_ptr&) { consumer.reset(); }));
  context.run();
  CHECK_FALSE(consumer);
}

TEST_CASE("destroyed while it runs, a consumer waits for its handler and commits nothing more", "[engine]") {
  Scene scene;
  scene.produce(0, 10);
  asio::io_context context;
  Gate gate;
  bool is_handler_done = false;
  bool is_completed = false;
  {
    MicroBatchConsumer<> consumer{scene.options(), scene.store, [&](const Batch<>& batch) {
                                    gate.arrive();
                                    wait_for_stop(batch);
                                    is_handler_done = true;
                                  }};
    consumer.async_run(asio::bind_executor(context, [&](const std::exception_ptr&) { is_completed = true; }));
    REQUIRE(gate.is_reached());
  }
  CHECK(is_handler_done);
  CHECK_FALSE(scene.stored());
  context.run();
  CHECK(is_completed);
}

TEST_CASE("destroyed while it starts, or idles, a consumer is gone", "[engine]") {
  Scene scene;
  scene.produce(0, 1);
  const bool is_idle = GENERATE(false, true);
  asio::io_context context;
  {
    MicroBatchConsumer<> consumer{scene.options(), scene.store, std::ref(scene.handled)};
    consumer.async_run(asio::bind_executor(context, [](const std::exception_ptr& error) { CHECK_FALSE(error); }));
    if (is_idle) REQUIRE(scene.reaches(1));
  }
  context.run();
}

TEST_CASE("run() and async_run() together run a consumer once", "[engine]") {
  Scene scene;
  MicroBatchConsumer<> consumer{scene.options(), scene.store, std::ref(scene.handled)};
  auto done = consumer.async_run(asio::use_future);
  CHECK_THROWS_AS(consumer.run(), std::logic_error);
  CHECK_THROWS_AS(consumer.async_run(asio::use_future), std::logic_error);
  consumer.stop();
  CHECK_NOTHROW(done.get());
}
