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
