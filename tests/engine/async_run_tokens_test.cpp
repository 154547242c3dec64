#include <utility>  // Asio of Boost 1.74 uses std::exchange and does not say so

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/version.hpp>
#if __has_include(<boost/asio/bind_cancellation_slot.hpp>)
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/post.hpp>
#define HAS_CANCELLATION_SLOTS
#endif
#if __has_include(<boost/asio/experimental/parallel_group.hpp>)
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/steady_timer.hpp>
#define HAS_PARALLEL_GROUP
#endif

#include <tidemark/micro_batch_consumer.hpp>

#include "engine/scene.hpp"
#include "support/catch.hpp"

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;
namespace asio = boost::asio;

TEST_CASE("two consumers share an io_context", "[engine]") {
  Scene scene;
  scene.produce(0, 10);
  scene.produce(1, 20);
  auto other_options = scene.options();
  other_options.partitions = {Scene::orders(1)};
  asio::io_context context;
  std::optional<MicroBatchConsumer<>> first;
  std::optional<MicroBatchConsumer<>> second;
  const auto handle = [&](const Batch<>& batch) {
    scene.handled(batch);
    if (scene.handled.count() < 30) return;
    first->stop();
    second->stop();
  };
  first.emplace(scene.options(), scene.store, handle);
  second.emplace(other_options, scene.store, handle);
  int completed = 0;
  for (auto* consumer : {&*first, &*second})
    consumer->async_run(asio::bind_executor(context, [&](const std::exception_ptr& error) {
      CHECK_FALSE(error);
      ++completed;
    }));
  context.run();
  CHECK(completed == 2);
  CHECK(scene.stored(0) == 10);
  CHECK(scene.stored(1) == 20);
}

#ifdef HAS_CANCELLATION_SLOTS
TEST_CASE("a cancellation slot stops a consumer, which commits what is in hand", "[engine]") {
  Scene scene;
  scene.produce(0, 10);
  asio::io_context context;
  asio::cancellation_signal signal;
  MicroBatchConsumer<> consumer{scene.options(), scene.store, [&](const Batch<>& batch) {
                                  scene.handled(batch);
                                  if (scene.handled.count() < 10) return;
                                  asio::post(context, [&] { signal.emit(asio::cancellation_type::terminal); });
                                }};
  bool is_done = false;
  consumer.async_run(
      asio::bind_cancellation_slot(signal.slot(), asio::bind_executor(context, [&](const std::exception_ptr& error) {
                                     CHECK_FALSE(error);
                                     is_done = true;
                                   })));
  context.run();
  CHECK(is_done);
  CHECK(scene.stored() == 10);
}

TEST_CASE("a signal that comes after the end reaches nobody", "[engine]") {
  Scene scene;
  asio::io_context context;
  asio::cancellation_signal signal;
  {
    MicroBatchConsumer<> consumer{scene.options(), scene.store, std::ref(scene.handled)};
    consumer.stop();
    consumer.async_run(asio::bind_cancellation_slot(
        signal.slot(), asio::bind_executor(context, [](const std::exception_ptr& error) { CHECK_FALSE(error); })));
    context.run();
  }
  CHECK_FALSE(signal.slot().has_handler());
  signal.emit(asio::cancellation_type::terminal);
}
#endif

#ifdef HAS_PARALLEL_GROUP
TEST_CASE("consumers and others in a parallel_group: the first to end stops the rest", "[engine]") {
  Scene scene;
  scene.produce(0, 10);
  auto other_options = scene.options();
  other_options.partitions = {Scene::orders(1)};
  asio::io_context context;
  MicroBatchConsumer<> first{scene.options(), scene.store, [](const Batch<>&) { throw 42; }};
  MicroBatchConsumer<> second{other_options, scene.store, std::ref(scene.handled)};
  asio::steady_timer timer{context, 1h};
  bool is_done = false;
  asio::experimental::make_parallel_group(first.async_run(asio::deferred), second.async_run(asio::deferred),
                                          timer.async_wait(asio::deferred))
      .async_wait(asio::experimental::wait_for_one(),
                  asio::bind_executor(
                      context, [&](const std::array<std::size_t, 3>& order, std::exception_ptr failed,
                                   const std::exception_ptr& stopped, const boost::system::error_code& cancelled) {
                        is_done = true;
                        CHECK(order.front() == 0);
                        CHECK_THROWS_AS(std::rethrow_exception(std::move(failed)), int);
                        CHECK_FALSE(stopped);
                        CHECK(cancelled == asio::error::operation_aborted);
                      }));
  context.run();
  CHECK(is_done);
}
#endif
