#include "engine/options_check.hpp"

#include <functional>
#include <string>

#include <tidemark/error.hpp>

#include "support/catch.hpp"

using namespace tidemark;
using namespace std::chrono_literals;

namespace {

ConsumerOptions good() { return {.brokers = "localhost:9092", .group = "billing", .topics = {"orders"}}; }

std::string refusal(const std::function<void(ConsumerOptions&)>& change) {
  auto options = good();
  change(options);
  try {
    engine::check_options(options);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "accepted";
}

using test::containing;

}  // namespace

TEST_CASE("brokers, group and topics are all that is needed", "[unit]") {
  CHECK_NOTHROW(engine::check_options(good()));
}

TEST_CASE("options at the edge of what can work are accepted", "[unit]") {
  auto options = good();
  options.topics.clear();
  options.partitions = {{"orders", 0}, {"orders", 1}};
  options.batch = {.max_records = 1, .max_bytes = 1, .max_wait = 0ms};
  options.concurrency = 1024;
  options.memory_budget_bytes = 1 << 20;
  options.max_conflicts = 1;
  options.connect_timeout = 1ms;
  options.drain_timeout = 0ms;
  options.handler_grace_period = 0ms;
  options.stop_timeout = 0ms;
  options.lag_interval = 1ms;
  options.store_retry = {.first_delay = 1ms, .max_delay = 1ms, .give_up_after = 0ms};
  options.start = start::Offsets{{{{"orders", 0}, 0}}};
  CHECK_NOTHROW(engine::check_options(options));

  constexpr auto for_ever = std::chrono::milliseconds::max();
  options.batch.max_wait = for_ever;
  options.connect_timeout = options.drain_timeout = options.handler_timeout = options.stop_timeout = for_ever;
  options.handler_grace_period = for_ever;
  options.lag_interval = options.store_poll_interval = for_ever;
  options.store_retry = {.first_delay = for_ever, .max_delay = for_ever, .give_up_after = for_ever};
  options.handler_retry.first_delay = options.handler_retry.max_delay = for_ever;
  options.handler_retry.give_up_after = for_ever;
  CHECK_NOTHROW(engine::check_options(options));
}

TEST_CASE("an option that is missing is named", "[unit]") {
  CHECK_THAT(refusal([](auto& o) { o.brokers.clear(); }), containing("ConsumerOptions::brokers is empty"));
  CHECK_THAT(refusal([](auto& o) { o.group.clear(); }), containing("ConsumerOptions::group is empty"));
  CHECK_THAT(refusal([](auto& o) { o.topics.clear(); }), containing("topics and partitions: set one of the two"));
}

TEST_CASE("a pattern that is no regular expression is named", "[unit]") {
  CHECK(refusal([](auto& o) { o.topics = {"^orders-[0-9]+$", "billing"}; }) == "accepted");
  const auto text = refusal([](auto& o) { o.topics = {"^orders", "^orders("}; });
  CHECK_THAT(text, containing("ConsumerOptions::topics: \"^orders(\" is not a valid regular expression"));
}

TEST_CASE("a topic that is named twice is refused", "[unit]") {
  CHECK_THAT(refusal([](auto& o) {
               o.topics = {"orders", "payments", "orders"};
             }),
             containing("ConsumerOptions::topics names \"orders\" twice"));
  CHECK_THAT(refusal([](auto& o) { o.topics = {"^orders", "^orders"}; }), containing("\"^orders\" twice"));
  CHECK(refusal([](auto& o) { o.topics = {"orders", "^orders"}; }) == "accepted");
}

TEST_CASE("names that no topic can have are refused", "[unit]") {
  CHECK_THAT(refusal([](auto& o) { o.topics = {"orders, payments"}; }),
             containing("\"orders, payments\" is not a valid"));
  CHECK_THAT(refusal([](auto& o) { o.topics = {"orders*"}; }),
             containing("a regular expression over topic names begins"));
  CHECK_THAT(refusal([](auto& o) { o.topics = {std::string(250, 'x')}; }), containing("1 to 249 letters"));
  CHECK_THAT(refusal([](auto& o) { o.topics = {std::string("^a\0b", 4)}; }), containing("zero byte"));
  CHECK_THAT(refusal([](auto& o) {
               o.topics.clear();
               o.partitions = {{"ord ers", 0}};
             }),
             containing("ConsumerOptions::partitions: \"ord ers\" is not a valid topic name"));
}

TEST_CASE("topics and explicit partitions exclude each other", "[unit]") {
  CHECK_THAT(refusal([](auto& o) { o.partitions = {{"orders", 0}}; }), containing("set one of the two"));
}

TEST_CASE("topics and partitions that cannot be are refused", "[unit]") {
  const auto with = [](TopicPartition partition) {
    return refusal([&](auto& o) {
      o.topics.clear();
      o.partitions = {partition};
    });
  };
  CHECK_THAT(refusal([](auto& o) { o.topics = {"orders", ""}; }), containing("empty topic"));
  CHECK_THAT(with({"", 0}), containing("empty topic"));
  CHECK_THAT(with({"orders", -1}), containing("negative partition"));
}

TEST_CASE("a partition that is named twice is refused", "[unit]") {
  const auto text = refusal([](auto& o) {
    o.topics.clear();
    o.partitions = {{"orders", 0}, {"orders", 1}, {"orders", 0}};
  });
  CHECK_THAT(text, containing("orders [0] twice"));
}

TEST_CASE("a batch needs room for something", "[unit]") {
  CHECK_THAT(refusal([](auto& o) { o.batch.max_records = 0; }), containing("batch.max_records is 0"));
  CHECK_THAT(refusal([](auto& o) { o.batch.max_bytes = 0; }), containing("batch.max_bytes is 0"));
  CHECK_THAT(refusal([](auto& o) { o.batch.max_wait = -1ms; }), containing("batch.max_wait is negative"));
}

TEST_CASE("a number of workers that makes no sense is refused", "[unit]") {
  CHECK_THAT(refusal([](auto& o) { o.concurrency = 0; }), containing("concurrency is 0"));
  CHECK_THAT(refusal([](auto& o) { o.concurrency = 1025; }), containing("concurrency is above 1024"));
}

TEST_CASE("limits that cannot work are refused", "[unit]") {
  CHECK_THAT(refusal([](auto& o) { o.memory_budget_bytes = (1 << 20) - 1; }), containing("memory_budget_bytes"));
  CHECK_THAT(refusal([](auto& o) { o.max_conflicts = 0; }), containing("max_conflicts is 0"));
  CHECK_THAT(refusal([](auto& o) { o.connect_timeout = 0ms; }), containing("connect_timeout"));
  CHECK_THAT(refusal([](auto& o) { o.drain_timeout = -1ms; }), containing("drain_timeout"));
  CHECK_THAT(refusal([](auto& o) { o.handler_grace_period = -1ms; }), containing("handler_grace_period"));
  CHECK_THAT(refusal([](auto& o) { o.stop_timeout = -1ms; }), containing("stop_timeout"));
  CHECK_THAT(refusal([](auto& o) { o.lag_interval = 0ms; }), containing("lag_interval"));
  CHECK_THAT(refusal([](auto& o) { o.store_retry.first_delay = 0ms; }), containing("store_retry"));
  CHECK_THAT(refusal([](auto& o) { o.store_retry.max_delay = 1ms; }), containing("store_retry"));
  CHECK_THAT(refusal([](auto& o) { o.store_retry.give_up_after = -1ms; }), containing("store_retry.give_up_after"));
  CHECK_THAT(refusal([](auto& o) { o.handler_timeout = -1ms; }), containing("handler_timeout"));
  CHECK_THAT(refusal([](auto& o) { o.store_poll_interval = -1ms; }), containing("store_poll_interval"));
}

TEST_CASE("a start at a negative offset is refused, and what to use instead is told", "[unit]") {
  const auto text = refusal([](auto& o) { o.start = start::Offsets{{{{"orders", 0}, -2}}}; });
  CHECK_THAT(text, containing("-2 for orders [0]"));
  CHECK_THAT(text, containing("start::Earliest"));
}

TEST_CASE("properties are looked at before anything is connected", "[unit]") {
  CHECK_THAT(refusal([](auto& o) { o.kafka = {{"no.such.property", "1"}}; }), containing("no.such.property"));
  CHECK_THAT(refusal([](auto& o) { o.kafka = {{"enable.auto.commit", "true"}}; }), containing("enable.auto.commit"));
}

TEST_CASE("a retry policy that cannot work is refused", "[unit]") {
  CHECK_THAT(refusal([](auto& o) { o.handler_retry.attempts = 0; }), containing("handler_retry.attempts"));
  CHECK_THAT(refusal([](auto& o) { o.handler_retry.first_delay = 0ms; }), containing("handler_retry: first_delay"));
  CHECK_THAT(refusal([](auto& o) { o.handler_retry.max_delay = 1ms; }), containing("handler_retry: first_delay"));
  CHECK_THAT(refusal([](auto& o) { o.handler_retry.give_up_after = -1ms; }), containing("give_up_after"));
  for (const auto needs_sink : {WhenExhausted::dead_letter, WhenExhausted::isolate})
    CHECK_THAT(refusal([&](auto& o) { o.handler_retry.when_exhausted = needs_sink; }), containing("dead_letters"));
  CHECK(refusal([](auto& o) { o.handler_retry.when_exhausted = WhenExhausted::skip; }) == "accepted");
}
