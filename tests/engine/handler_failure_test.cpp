#include <memory>
#include <stdexcept>

#include <tidemark/error.hpp>
#include <tidemark/micro_batch_consumer.hpp>

#include "engine/gate.hpp"
#include "engine/scene.hpp"
#include "support/catch.hpp"

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;

namespace {

/// Tells one object from its copies: rethrown means the same object, not one like it.
struct Refusal : std::runtime_error {
  Refusal() : std::runtime_error{"no"} {}
  std::shared_ptr<int> identity = std::make_shared<int>(0);
};

}  // namespace

TEST_CASE("run() throws the very exception that left the handler, and nothing of that batch moves", "[engine]") {
  Scene scene;
  scene.produce(0, 30);
  auto options = scene.options();
  options.batch.max_records = 10;
  std::weak_ptr<int> thrown;
  MicroBatchConsumer<> consumer{options, scene.store, [&](const Batch<>& batch) {
                                  if (batch[0].offset() == 20) {
                                    const Refusal refusal;
                                    thrown = refusal.identity;
                                    throw refusal;
                                  }
                                  scene.handled(batch);
                                }};
  const auto refusal = error_of_run<Refusal>(consumer);
  CHECK(refusal.identity == thrown.lock());
  CHECK(scene.stored() == 20);
  CHECK(scene.handled.count() == 20);
}

TEST_CASE("what the handler throws need not be a std::exception", "[engine]") {
  Scene scene;
  scene.produce(0, 1);
  MicroBatchConsumer<> consumer{scene.options(), scene.store, [](const Batch<>&) { throw 42; }};
  CHECK(error_of_run<int>(consumer) == 42);
  CHECK_FALSE(scene.stored());
}

TEST_CASE("a StoreError of the handler's own ends the consumer as well, and is not tried again", "[engine]") {
  Scene scene;
  scene.produce(0, 1);
  int calls = 0;
  MicroBatchConsumer<> consumer{scene.options(), scene.store, [&](const Batch<>&) {
                                  ++calls;
                                  throw StoreError{"mine", StoreError::Retry::yes};
                                }};
  CHECK(error_of_run<StoreError>(consumer).what() == std::string{"mine"});
  CHECK(calls == 1);
  CHECK_FALSE(scene.stored());
}

TEST_CASE("after a failure the same records come again", "[engine]") {
  Scene scene;
  scene.produce(0, 10);
  {
    MicroBatchConsumer<> consumer{scene.options(), scene.store, [](const Batch<>&) { throw 42; }};
    CHECK(error_of_run<int>(consumer) == 42);
  }
  MicroBatchConsumer<> consumer{scene.options(), scene.store, std::ref(scene.handled)};
  Running running{consumer};
  REQUIRE(scene.reaches(10));
  CHECK(scene.handled.offsets(Scene::orders(0)) == offsets_between(0, 10));
}

TEST_CASE("when one worker fails, the others commit what they have in hand", "[engine]") {
  Scene scene;
  for (std::int32_t partition = 0; partition < 3; ++partition) scene.produce(partition, 10);
  auto options = scene.options(3);
  options.concurrency = 3;
  options.batch = {.max_records = 10, .max_wait = 1h};
  Gate others_are_in;
  MicroBatchConsumer<> consumer{options, scene.store, [&](const Batch<>& batch) {
                                  if (batch[0].partition() == 0) {
                                    others_are_in.wait_until_reached(2);
                                    throw 42;
                                  }
                                  others_are_in.arrive();
                                  wait_for_stop(batch);
                                }};
  CHECK(error_of_run<int>(consumer) == 42);
  CHECK_FALSE(scene.stored(0));
  CHECK(scene.stored(1) == 10);
  CHECK(scene.stored(2) == 10);
}

TEST_CASE("a handler that fails at once on every batch does so", "[engine]") {
  Scene scene;
  scene.produce(0, 1'000);
  for (int i = 0; i < 20; ++i) {
    MicroBatchConsumer<> consumer{scene.options(), scene.store, [](const Batch<>&) { throw 42; }};
    CHECK(error_of_run<int>(consumer) == 42);
  }
  CHECK_FALSE(scene.stored());
}
