#include <tidemark/error.hpp>

#include "integration/kafka_fixture.hpp"
#include "support/catch.hpp"

using namespace std::chrono_literals;
using namespace tidemark;
using namespace tidemark::test;

TEST_CASE("subscriptions change while running: what goes is committed, what comes begins where it was left",
          "[integration]") {
  KafkaFixture kafka{2};
  const auto other = kafka.topic + "-other";
  kafka.admin.create_topic(other, 2);
  auto options = kafka.options();
  SECTION("eager") {}
  SECTION("cooperative-sticky") { options.kafka["partition.assignment.strategy"] = "cooperative-sticky"; }
  for (int partition = 0; partition < 2; ++partition) kafka.fill(partition, 100);
  for (int partition = 0; partition < 2; ++partition) kafka.fill(other, partition, 50);
  RunningConsumer consumer{options, kafka.store};
  consumer.await_no_lag(2);
  consumer.subscribe({kafka.topic, other});
  consumer.await_no_lag(4);
  consumer.subscribe({other});
  consumer.await("the first topic given up", [&] { return consumer.progress().size() == 2; });
  for (int partition = 0; partition < 2; ++partition) kafka.fill(partition, 10, 100);
  for (int partition = 0; partition < 2; ++partition) kafka.fill(other, partition, 10, 50);
  consumer.await_no_lag(2);
  CHECK(kafka.stored(0) == 100);
  consumer.subscribe({"^" + kafka.topic + ".*"});
  consumer.await_no_lag(4);
  consumer.stop();
  for (int partition = 0; partition < 2; ++partition) {
    CHECK(consumer.journal().offsets(kafka.partition(partition)) == sequence(0, 110));
    CHECK(consumer.journal().offsets({other, partition}) == sequence(0, 60));
  }
  CHECK(consumer.journal().count(RebalanceEvent::Kind::lost) == 0);
}

TEST_CASE("members of one group may read different topics", "[integration]") {
  KafkaFixture kafka{2};
  const auto other = kafka.topic + "-other";
  kafka.admin.create_topic(other, 2);
  for (int partition = 0; partition < 2; ++partition) kafka.fill(partition, 100);
  for (int partition = 0; partition < 2; ++partition) kafka.fill(other, partition, 50);
  RunningConsumer first{kafka.options(), kafka.store};
  RunningConsumer second{kafka.options(), kafka.store};
  second.subscribe({other});
  first.await_count(200);
  second.await("the other topic read", [&] {
    return kafka.stored_in(kafka.store, {other, 0}) == 50 && kafka.stored_in(kafka.store, {other, 1}) == 50;
  });
  first.await_no_lag(2);
  first.stop();
  second.stop();
  for (int partition = 0; partition < 2; ++partition)
    CHECK(second.journal().offsets({other, partition}) == sequence(0, 50));
}
