#include <atomic>
#include <chrono>

#include "integration/kafka_fixture.hpp"
#include "support/catch.hpp"

using namespace std::chrono_literals;
using namespace tidemark;
using namespace tidemark::test;

TEST_CASE("a handler that takes three times max.poll.interval.ms costs no partition, no record twice, no second fetch",
          "[integration]") {
  KafkaFixture kafka{4};
  auto options = kafka.options();
  options.kafka["session.timeout.ms"] = "2000";
  options.kafka["max.poll.interval.ms"] = "2000";
  options.kafka["debug"] = "topic";  // tells of each fetcher that starts
  SECTION("eager") {}
  SECTION("cooperative-sticky") { options.kafka["partition.assignment.strategy"] = "cooperative-sticky"; }
  for (int partition = 0; partition < 4; ++partition) kafka.fill(partition, 500);

  std::atomic<int> batches = 0;
  RunningConsumer consumer{options, kafka.store, [&](const Batch<>&) {
                             if (++batches != 3) return;
                             // What is tested is time itself.
                             const auto until = std::chrono::steady_clock::now() + 6500ms;
                             static_cast<void>(eventually([&] { return std::chrono::steady_clock::now() >= until; }));
                           }};
  consumer.await_assignment();
  const auto begun = std::chrono::steady_clock::now();
  consumer.await_no_lag(4);
  const auto took = std::chrono::steady_clock::now() - begun;
  const auto assigned = consumer.journal().count(RebalanceEvent::Kind::assigned);
  const auto revoked = consumer.journal().count(RebalanceEvent::Kind::revoked);
  const auto lost = consumer.journal().count(RebalanceEvent::Kind::lost);
  // What was prefetched stays only while no fetcher is paused or started anew.
  const auto started = consumer.journal().count_lines_with("Start fetch for");
  const auto paused = consumer.journal().count_lines_with("librdkafka PAUSE");
  consumer.stop();
  REQUIRE(took > 6s);
  REQUIRE(assigned == 1);
  REQUIRE(revoked == 0);
  REQUIRE(lost == 0);
  REQUIRE(started == 4);
  REQUIRE(paused == 0);
  for (int partition = 0; partition < 4; ++partition)
    REQUIRE((consumer.journal().offsets(kafka.partition(partition)) == sequence(0, 500)));
}

TEST_CASE("a handler that is stuck gives its partitions up to another member, and nothing of them is committed by it",
          "[integration]") {
  KafkaFixture kafka{2};
  auto options = kafka.options();
  options.handler_timeout = 300ms;
  options.drain_timeout = 300ms;
  options.handler_grace_period = 300ms;
  for (int partition = 0; partition < 2; ++partition) kafka.fill(partition, 100);
  std::atomic<bool> is_stuck = false;
  std::atomic<bool> may_go_on = false;
  RunningConsumer first{options, kafka.store, [&](const Batch<>& batch) {
                          if (batch[0].offset() < 50 && batch.ranges().front().until < 50) return;
                          is_stuck = true;
                          static_cast<void>(eventually([&] { return may_go_on.load(); }, 60s));
                        }};
  first.await("a handler that is stuck", [&] { return is_stuck.load(); });
  RunningConsumer second{kafka.options(), kafka.store};
  second.await_no_lag(2);  // while the first one's handler is still at it
  REQUIRE_FALSE(first.has_ended());
  may_go_on = true;
  REQUIRE_THAT(first.error_at_end(), containing("ConsumerOptions::handler_timeout"));
  second.stop();
  // What the stuck handler had in hand was handled again, by whom it was committed.
  REQUIRE(first.journal().conflicts().empty());
  for (int partition = 0; partition < 2; ++partition) REQUIRE(kafka.stored(partition) == 100);
  const auto repeated = first.journal().count() + second.journal().count() - 200;
  REQUIRE(repeated > 0);
  REQUIRE(repeated <= options.batch.max_records);
}
