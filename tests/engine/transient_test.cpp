#include <atomic>
#include <string>

#include <tidemark/decoder.hpp>
#include <tidemark/each_record.hpp>
#include <tidemark/error.hpp>
#include <tidemark/micro_batch_consumer.hpp>

#include "engine/asio_thread.hpp"
#include "engine/keyed_scene.hpp"
#include "support/catch.hpp"

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;

namespace {

/// A decoder that needs something which is away for so many of its calls, and refuses the value "13".
struct NeedsRegistry {
  std::atomic<int>* calls_left_away;

  int operator()(const Record<>& record) const {
    if (record.value().text() == "5" && --*calls_left_away >= 0) throw TransientError{"the registry is away"};
    if (record.value().text() == "13") throw DecodeError{"unlucky"};
    return std::stoi(std::string{record.value().text()});
  }
};

}  // namespace

TEST_CASE("while what a decoder needs is away the batch is tried again, and nothing becomes a dead letter",
          "[engine]") {
  KeyedScene scene;
  auto options = scene.keyed(20, 20);
  options.handler_retry.attempts = 5;
  options.handler_retry.when_exhausted = WhenExhausted::dead_letter;
  std::atomic<int> away = 4;
  std::vector<int> values;
  MicroBatchConsumer<int> consumer{options, scene.store,
                                   [&](const Batch<int>& batch) {
                                     CHECK(batch.attempt() == 5);
                                     for (const auto& record : batch) values.push_back(record.value());
                                   },
                                   NeedsRegistry{&away}};
  Running running{consumer};
  REQUIRE(scene.reaches(20));
  running.stop();
  CHECK(values.size() == 19);
  const auto letters = scene.sink->letters();
  REQUIRE(letters.size() == 1);
  CHECK(letters[0].offset == 13);
  CHECK(letters[0].reason == DeadLetterReason::undecodable);
  CHECK(scene.observer->heard().retries == std::vector<std::string>(4, "the registry is away"));
}

TEST_CASE("an outage that lasts ends the consumer, whatever becomes of records that fail", "[engine]") {
  KeyedScene scene;
  auto options = scene.keyed(20, 20);
  options.handler_retry.attempts = 3;
  options.handler_retry.when_exhausted =
      GENERATE(WhenExhausted::stop, WhenExhausted::skip, WhenExhausted::dead_letter, WhenExhausted::isolate);
  std::atomic<int> away = 1'000'000;
  MicroBatchConsumer<int> consumer{options, scene.store, [](const Batch<int>&) {}, NeedsRegistry{&away}};
  CHECK(std::string{error_of_run<TransientError>(consumer).what()} == "the registry is away");
  CHECK(away == 1'000'000 - 3);
  CHECK_FALSE(scene.stored());
  CHECK(scene.sink->letters().empty());
  CHECK(scene.observer->heard().skips.empty());
}

TEST_CASE("an outage that begins while a batch is isolated ends the consumer", "[engine]") {
  KeyedScene scene;
  auto options = scene.keyed(16, 16);
  options.handler_retry.when_exhausted = WhenExhausted::isolate;
  MicroBatchConsumer<> consumer{options, scene.store, [](const Batch<>& batch) {
                                  if (batch.size() == 1) throw TransientError{"away"};
                                  for (const auto& record : batch)
                                    if (record.value().text() == "5") throw std::runtime_error{"5"};
                                }};
  CHECK(std::string{error_of_run<TransientError>(consumer).what()} == "away");
  CHECK(scene.sink->letters().empty());
}

TEST_CASE("an outage that a single call tells of sets no record aside", "[engine]") {
  KeyedScene scene;
  AsioThread asio_thread;
  auto options = scene.keyed(20, 20);
  options.handler_retry.attempts = 2;
  options.handler_retry.when_exhausted = WhenExhausted::isolate;
  MicroBatchConsumer<> consumer{
      options, scene.store, each_record(asio_thread.context(), {}, [](const Record<>& record, RecordDone done) {
        done(record.offset() == 7 ? std::make_exception_ptr(TransientError{"away"}) : nullptr);
      })};
  CHECK(std::string{error_of_run<TransientError>(consumer).what()} == "away");
  CHECK_FALSE(scene.stored());
  CHECK(scene.sink->letters().empty());
}
