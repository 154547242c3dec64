#include <atomic>
#include <new>
#include <stdexcept>
#include <utility>  // Asio of Boost 1.74 uses std::exchange and does not say so

#include <tidemark/each_record.hpp>
#include <tidemark/micro_batch_consumer.hpp>

#include "engine/asio_thread.hpp"
#include "engine/calls.hpp"
#include "engine/keyed_scene.hpp"
#include "support/catch.hpp"

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;

TEST_CASE("a record whose call fails is called for again, while the others go on", "[engine]") {
  KeyedScene scene;
  AsioThread asio_thread;
  auto options = scene.keyed(100, 10);
  options.handler_retry.attempts = 3;
  Calls calls;
  std::vector<int> attempts_of_42;
  MicroBatchConsumer<> consumer{options, scene.store,
                                each_record(asio_thread.context(), {.max_records = 5},
                                            [&](const Record<>& record, const Batch<>& batch, RecordDone done) {
                                              calls(record.offset());
                                              if (record.offset() != 42) return done();
                                              attempts_of_42.push_back(batch.attempt());
                                              done(batch.attempt() == 3 ? nullptr : failure("42"));
                                            })};
  Running running{consumer};
  REQUIRE(scene.reaches(100));
  running.stop();
  const auto heard = scene.observer->heard();
  const std::vector<OffsetRange> range{{Scene::orders(0), 42, 43}};
  CHECK(heard.retried == std::vector{range, range});
  CHECK(heard.batches.size() == 1);  // one call of the handler, as the engine sees it
  CHECK(attempts_of_42 == std::vector{1, 2, 3});
  for (std::int64_t offset = 0; offset < 100; ++offset) CHECK(calls.of(offset) == (offset == 42 ? 3 : 1));
}

TEST_CASE("failures of many records do not add up", "[engine]") {
  KeyedScene scene;
  AsioThread asio_thread;
  auto options = scene.keyed(1'000, 1'000);
  options.handler_retry.attempts = 2;
  Calls calls;
  MicroBatchConsumer<> consumer{
      options, scene.store,
      each_record(asio_thread.context(), {.max_records = 50}, [&](const Record<>& record, RecordDone done) {
        calls(record.offset());
        done(calls.of(record.offset()) == 1 && record.offset() % 10 == 0 ? failure("each tenth, once") : nullptr);
      })};
  Running running{consumer};
  REQUIRE(scene.reaches(1'000));
  running.stop();
  CHECK(scene.observer->heard().retries.size() == 100);
}

TEST_CASE("while a record waits for its next attempt the others are handled, and those of its key wait", "[engine]") {
  KeyedScene scene;
  AsioThread asio_thread;
  auto options = scene.keyed(40, 10);
  options.handler_retry.attempts = 2;
  options.handler_retry.first_delay = options.handler_retry.max_delay = 1h;
  Calls calls;
  MicroBatchConsumer<> consumer{
      options, scene.store,
      each_record(asio_thread.context(), {.max_records = 2}, [&](const Record<>& record, RecordDone done) {
        calls(record.offset());
        done(record.offset() == 13 ? failure("13") : nullptr);
      })};
  Running running{consumer};
  const auto handled = [&] {
    int count = 0;
    for (std::int64_t offset = 0; offset < 40; ++offset) count += calls.of(offset);
    return count;
  };
  CHECK(eventually([&] { return handled() == 38; }, patience));
  CHECK(calls.of(23) == 0);
  CHECK(calls.of(33) == 0);
  running.stop();  // within no hour
  CHECK_FALSE(scene.stored());
}

TEST_CASE("records that wait for their next attempt keep others from what is away", "[engine]") {
  KeyedScene scene;
  AsioThread asio_thread;
  auto options = scene.keyed(100, 100);
  options.handler_retry.attempts = 2;
  options.handler_retry.first_delay = options.handler_retry.max_delay = 1h;
  std::atomic<int> calls = 0;
  MicroBatchConsumer<> consumer{
      options, scene.store,
      each_record(asio_thread.context(), {.max_records = 7}, [&](const Record<>&, const RecordDone& done) {
        ++calls;
        done(failure("away"));
      })};
  Running running{consumer};
  CHECK(eventually([&] { return scene.observer->heard().retries.size() == 7; }, patience));
  running.stop();
  CHECK(calls == 7);
}

TEST_CASE("the error of a record whose attempts are used up ends the consumer", "[engine]") {
  KeyedScene scene;
  AsioThread asio_thread;
  auto options = scene.keyed(50, 50);
  options.handler_retry.attempts = 4;
  Calls calls;
  int begun_after_the_error = 0;
  MicroBatchConsumer<> consumer{
      options, scene.store,
      each_record(asio_thread.context(), {.max_records = 5}, [&](const Record<>& record, RecordDone done) {
        calls(record.offset());
        if (calls.of(0) == 4 && record.offset() != 0) ++begun_after_the_error;
        done(record.offset() == 0 ? failure("for good") : nullptr);
      })};
  CHECK(std::string{error_of_run<std::runtime_error>(consumer).what()} == "for good");
  CHECK(calls.of(0) == 4);
  CHECK(begun_after_the_error <= 4);  // they were posted already
  CHECK_FALSE(scene.stored());
}

TEST_CASE("errors that are fatal, or not worth another try, are looked at record by record", "[engine]") {
  KeyedScene scene;
  AsioThread asio_thread;
  auto options = scene.keyed(50, 50);
  options.handler_retry.attempts = 10;
  options.handler_retry.when_exhausted = WhenExhausted::dead_letter;
  options.handler_retry.retryable = [](const std::exception_ptr& error) { return !detail::is_error_of<int>(error); };
  options.handler_retry.fatal = errors_of<std::bad_alloc>();
  MicroBatchConsumer<> consumer{
      options, scene.store,
      each_record(asio_thread.context(), {.max_records = 1}, [&](const Record<>& record, RecordDone done) {
        if (record.offset() == 7) throw 7;
        if (record.value().text() == "full") throw std::bad_alloc{};
        done();
      })};
  Running running{consumer};
  REQUIRE(scene.reaches(50));
  REQUIRE(scene.sink->offsets() == std::vector<std::int64_t>{7});
  CHECK(scene.sink->letters()[0].attempts == 1);
  for (int i = 0; i < 50; ++i) scene.broker.produce({.topic = "orders", .partition = 0, .value = "full"});
  CHECK_THROWS_AS(running.join(), std::bad_alloc);
  CHECK(scene.observer->heard().retries.empty());
  CHECK(scene.stored() == 50);
}

TEST_CASE("a filter that throws ends the consumer", "[engine]") {
  KeyedScene scene;
  AsioThread asio_thread;
  auto options = scene.keyed(20, 20);
  options.handler_retry.attempts = 10;
  options.handler_retry.retryable = [](const std::exception_ptr&) -> bool { throw std::logic_error{"the filter"}; };
  MicroBatchConsumer<> consumer{options, scene.store,
                                each_record(asio_thread.context(), {.max_records = 5},
                                            [&](const Record<>&, RecordDone done) { done(failure("any")); })};
  CHECK(std::string{error_of_run<std::logic_error>(consumer).what()} == "the filter");
}

TEST_CASE("records whose attempts are used up become dead letters, and the others are committed with them",
          "[engine]") {
  KeyedScene scene;
  AsioThread asio_thread;
  auto options = scene.keyed(60, 20);
  options.handler_retry.attempts = 3;
  const auto policy = GENERATE(WhenExhausted::dead_letter, WhenExhausted::isolate, WhenExhausted::skip);
  options.handler_retry.when_exhausted = policy;
  Calls calls;
  MicroBatchConsumer<> consumer{
      options, scene.store,
      each_record(asio_thread.context(), {.max_records = 20}, [&](const Record<>& record, RecordDone done) {
        calls(record.offset());
        done(record.offset() == 13 || record.offset() == 33 ? failure("bad") : nullptr);
      })};
  Running running{consumer};
  REQUIRE(scene.reaches(60));
  running.stop();
  for (std::int64_t offset = 0; offset < 60; ++offset)
    CHECK(calls.of(offset) == (offset == 13 || offset == 33 ? 3 : 1));
  const auto letters = scene.sink->letters();
  const auto skips = scene.observer->heard().skips;
  if (policy == WhenExhausted::skip) {
    CHECK(letters.empty());
    REQUIRE(skips.size() == 2);
    CHECK(skips[0].ranges == std::vector<OffsetRange>{{Scene::orders(0), 13, 14}});
    CHECK(skips[0].records == 1);
    return;
  }
  CHECK(skips.empty());
  REQUIRE(letters.size() == 2);
  CHECK(scene.sink->offsets() == std::vector<std::int64_t>{13, 33});
  for (const auto& letter : letters) {
    CHECK(letter.attempts == 3);
    CHECK(letter.why == "bad");
    CHECK(letter.reason ==
          (policy == WhenExhausted::isolate ? DeadLetterReason::isolated : DeadLetterReason::exhausted));
  }
}

TEST_CASE("more records that fail alone than max_isolated end the consumer", "[engine]") {
  KeyedScene scene;
  AsioThread asio_thread;
  auto options = scene.keyed(50, 50);
  options.handler_retry.when_exhausted = WhenExhausted::isolate;
  options.handler_retry.max_isolated = 3;
  MicroBatchConsumer<> consumer{
      options, scene.store,
      each_record(asio_thread.context(), {.max_records = 5}, [&](const Record<>& record, RecordDone done) {
        done(record.offset() >= 10 ? failure("all of them") : nullptr);
      })};
  CHECK(std::string{error_of_run<std::runtime_error>(consumer).what()} == "all of them");
  CHECK(scene.sink->letters().empty());
}

TEST_CASE("what waits while handler_timeout goes by has its attempts counted on", "[engine]") {
  KeyedScene scene;
  AsioThread asio_thread;
  auto options = scene.keyed(20, 20);
  options.handler_timeout = 50ms;
  options.handler_retry.attempts = 3;
  options.handler_retry.first_delay = options.handler_retry.max_delay = 1h;
  Calls calls;
  std::vector<int> attempts;
  MicroBatchConsumer<> consumer{options, scene.store,
                                each_record(asio_thread.context(), {.max_records = 5},
                                            [&](const Record<>& record, const Batch<>& batch, RecordDone done) {
                                              calls(record.offset());
                                              if (record.offset() != 3) return done();
                                              attempts.push_back(batch.attempt());
                                              done(batch.attempt() == 3 ? nullptr : failure("3"));
                                            })};
  Running running{consumer};
  REQUIRE(scene.reaches(20));
  running.stop();
  CHECK(attempts == std::vector{1, 2, 3});
  for (std::int64_t offset = 0; offset < 20; ++offset)
    if (offset != 3) CHECK(calls.of(offset) == 1);
}

TEST_CASE("what was rejected stays so while another record is called for again", "[engine]") {
  KeyedScene scene;
  AsioThread asio_thread;
  auto options = scene.keyed(20, 20);
  options.handler_retry.attempts = 2;
  Calls calls;
  MicroBatchConsumer<> consumer{options, scene.store,
                                each_record(asio_thread.context(), {.max_records = 20},
                                            [&](const Record<>& record, const Batch<>& batch, RecordDone done) {
                                              calls(record.offset());
                                              const bool fails = record.offset() == 17 && batch.attempt() == 1;
                                              if (record.offset() % 10 == 7 && !fails) batch.reject(record, "a seven");
                                              done(fails ? failure("17") : nullptr);
                                            })};
  Running running{consumer};
  REQUIRE(scene.reaches(20));
  running.stop();
  const auto letters = scene.sink->letters();
  REQUIRE(letters.size() == 2);
  CHECK(letters[0].offset == 7);
  CHECK(letters[0].attempts == 1);
  CHECK(letters[1].offset == 17);
  CHECK(letters[1].attempts == 2);
  CHECK(calls.of(7) == 1);
}
