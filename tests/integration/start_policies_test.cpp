#include <chrono>
#include <stdexcept>

#include "integration/kafka_fixture.hpp"
#include "support/catch.hpp"

using namespace std::chrono_literals;
using namespace tidemark;
using namespace tidemark::test;

TEST_CASE("earliest begins at the oldest record that is still there", "[integration]") {
  KafkaFixture kafka;
  kafka.fill(0, 10);
  kafka.admin.delete_records(kafka.topic, 0, 4);
  RunningConsumer consumer{kafka.options(), kafka.store};
  consumer.await_count(6);
  consumer.await_no_lag(1);
  consumer.stop();
  REQUIRE(consumer.journal().offsets(kafka.partition()) == sequence(4, 10));
  REQUIRE(kafka.stored() == 10);
  REQUIRE(consumer.journal().out_of_range().empty());
}

TEST_CASE("latest begins after the newest record, and stores that before any record comes", "[integration]") {
  KafkaFixture kafka{2};
  kafka.fill(0, 10);
  auto options = kafka.options();
  options.start = start::Latest{};
  RunningConsumer consumer{options, kafka.store};
  consumer.await_assignment();
  REQUIRE(kafka.stored(0) == 10);
  REQUIRE(kafka.stored(1) == 0);
  kafka.fill(0, 5, 10);
  consumer.await_count(5);
  consumer.stop();
  REQUIRE(consumer.journal().offsets(kafka.partition()) == sequence(10, 15));
}

TEST_CASE("a consumer from latest that crashes before its first commit skips nothing the next time", "[integration]") {
  KafkaFixture kafka;
  kafka.fill(0, 10);
  auto options = kafka.options();
  options.start = start::Latest{};

  SECTION("without having read a record") {
    RunningConsumer consumer{options, kafka.store};
    consumer.await_assignment();
    consumer.abandon();
    kafka.fill(0, 5, 10);
  }
  SECTION("in its first handler call") {
    RunningConsumer consumer{options, kafka.store,
                             [](const Batch<>&) { throw std::runtime_error{"the handler fails"}; }};
    consumer.await_assignment();
    kafka.fill(0, 5, 10);
    REQUIRE(consumer.error_at_end() == "the handler fails");
    REQUIRE(consumer.journal().commits().empty());
  }

  RunningConsumer next{options, kafka.store};
  next.await_count(5);
  next.stop();
  REQUIRE(next.journal().offsets(kafka.partition()) == sequence(10, 15));
}

TEST_CASE("a timestamp begins at the first record that is not older, each partition for itself", "[integration]") {
  KafkaFixture kafka{3};
  const auto day = [](int number) { return 1'700'000'000'000 + number * 86'400'000LL; };
  for (int i = 0; i < 10; ++i)
    kafka.producer.produce({.topic = kafka.topic, .partition = 0, .value = "x", .timestamp = day(i)});
  for (int i = 0; i < 4; ++i)
    kafka.producer.produce({.topic = kafka.topic, .partition = 1, .value = "x", .timestamp = day(i)});
  kafka.producer.flush();
  auto options = kafka.options();
  options.start = start::Timestamp{std::chrono::system_clock::time_point{std::chrono::milliseconds{day(7)}}};
  RunningConsumer consumer{options, kafka.store};
  consumer.await_assignment();
  REQUIRE(kafka.stored(0) == 7);
  REQUIRE(kafka.stored(1) == 4);  // none is that new: its end
  REQUIRE(kafka.stored(2) == 0);  // empty
  consumer.await_count(3);
  consumer.stop();
  REQUIRE(consumer.journal().offsets(kafka.partition(0)) == sequence(7, 10));
  REQUIRE(consumer.journal().count() == 3);
}

TEST_CASE("explicit offsets begin where they say", "[integration]") {
  KafkaFixture kafka{2};
  kafka.fill(0, 10);
  kafka.fill(1, 10);
  auto options = kafka.options();
  options.start = start::Offsets{{{kafka.partition(0), 3}, {kafka.partition(1), 9}}};
  RunningConsumer consumer{options, kafka.store};
  consumer.await_count(8);
  consumer.await_no_lag(2);
  consumer.stop();
  REQUIRE(consumer.journal().offsets(kafka.partition(0)) == sequence(3, 10));
  REQUIRE(consumer.journal().offsets(kafka.partition(1)) == sequence(9, 10));
}

TEST_CASE("explicit offsets hold for a partition that has stored nothing yet, though others of its topic have",
          "[integration]") {
  KafkaFixture kafka{2};
  kafka.fill(0, 10);
  kafka.fill(1, 10);
  auto options = kafka.options();
  options.start = start::Offsets{{{kafka.partition(0), 3}, {kafka.partition(1), 10}}};
  {
    RunningConsumer consumer{options, kafka.store};
    consumer.await("partition 0 committed", [&] { return kafka.stored(0) == 10; });
    consumer.stop();
    REQUIRE(consumer.journal().count() == 7);
  }
  kafka.fill(1, 5, 10);
  RunningConsumer consumer{options, kafka.store};
  consumer.await_count(5);
  consumer.await_no_lag(2);
  consumer.stop();
  REQUIRE(consumer.journal().offsets(kafka.partition(1)) == sequence(10, 15));
}

TEST_CASE("explicit offsets that leave a partition out end the consumer, and name it", "[integration]") {
  KafkaFixture kafka{2};
  kafka.fill(0, 1);
  auto options = kafka.options();
  options.start = start::Offsets{{{kafka.partition(0), 0}}};
  RunningConsumer consumer{options, kafka.store};
  REQUIRE_THAT(consumer.error_at_end(), containing(kafka.topic + " [1]"));
  REQUIRE(consumer.journal().count() == 0);
  REQUIRE_FALSE(kafka.stored(0));
}

TEST_CASE("fail ends the consumer where nothing is stored, and not where something is", "[integration]") {
  KafkaFixture kafka;
  kafka.fill(0, 3);
  auto options = kafka.options();
  options.start = start::Fail{};
  {
    RunningConsumer consumer{options, kafka.store};
    const auto error = consumer.error_at_end();
    REQUIRE_THAT(error, containing(kafka.topic + " [0]"));
    REQUIRE_THAT(error, containing("ConsumerOptions::start"));
    REQUIRE_FALSE(kafka.stored());
  }
  kafka.store.overwrite(kafka.group, std::vector<StoredOffset>{{kafka.partition(), 1}});
  RunningConsumer consumer{options, kafka.store};
  consumer.await_count(2);
  consumer.stop();
  REQUIRE(consumer.journal().offsets(kafka.partition()) == sequence(1, 3));
}

TEST_CASE("what is stored wins over every start policy", "[integration]") {
  KafkaFixture kafka;
  kafka.fill(0, 10);
  kafka.store.overwrite(kafka.group, std::vector<StoredOffset>{{kafka.partition(), 6}});
  auto options = kafka.options();
  SECTION("earliest") { options.start = start::Earliest{}; }
  SECTION("latest") { options.start = start::Latest{}; }
  SECTION("timestamp") { options.start = start::Timestamp{std::chrono::system_clock::now() + 1h}; }
  SECTION("offsets") { options.start = start::Offsets{{{kafka.partition(), 2}}}; }
  RunningConsumer consumer{options, kafka.store};
  consumer.await_count(4);
  consumer.stop();
  REQUIRE(consumer.journal().offsets(kafka.partition()) == sequence(6, 10));
}

TEST_CASE("partitions that are added later are read from their beginning, whatever the policy", "[integration]") {
  KafkaFixture kafka;
  auto options = kafka.options();
  SECTION("latest, while it runs") { options.start = start::Latest{}; }
  SECTION("a timestamp in the future, while it runs") {
    options.start = start::Timestamp{std::chrono::system_clock::now() + 1h};
  }
  SECTION("offsets that name only the first, while it runs") {
    options.start = start::Offsets{{{kafka.partition(), 0}}};
    kafka.fill(0, 1);
  }
  RunningConsumer consumer{options, kafka.store};
  consumer.await_assignment();
  // Something is stored for a topic whose start was given once its first batch is.
  if (std::holds_alternative<start::Offsets>(options.start)) consumer.await_no_lag(1);
  const auto before = consumer.journal().count();
  kafka.grow(3);
  kafka.fill(1, 20);
  kafka.fill(2, 20);
  consumer.await_count(before + 40);
  consumer.await_no_lag(3);
  consumer.stop();
  REQUIRE(consumer.journal().offsets(kafka.partition(1)) == sequence(0, 20));
  REQUIRE(consumer.journal().offsets(kafka.partition(2)) == sequence(0, 20));
}

TEST_CASE("partitions that are added while no consumer runs are read from their beginning", "[integration]") {
  KafkaFixture kafka;
  auto options = kafka.options();
  options.start = start::Latest{};
  {
    RunningConsumer consumer{options, kafka.store};
    consumer.await_assignment();
    consumer.stop();
  }
  kafka.grow(2);
  kafka.fill(1, 20);
  RunningConsumer consumer{options, kafka.store};
  consumer.await_count(20);
  consumer.stop();
  REQUIRE(consumer.journal().offsets(kafka.partition(1)) == sequence(0, 20));
}

TEST_CASE("members that start from latest at the same moment skip nothing that is written afterwards",
          "[integration]") {
  for (int round = 0; round < 3; ++round) {
    KafkaFixture kafka{4};
    for (int partition = 0; partition < 4; ++partition) kafka.fill(partition, 10);
    auto options = kafka.options();
    options.start = start::Latest{};
    RunningConsumer one{options, kafka.store};
    RunningConsumer two{options, kafka.store};
    // Whoever stores first, stores for all.
    const auto all_stored = [&] {
      for (int partition = 0; partition < 4; ++partition)
        if (!kafka.stored(partition)) return false;
      return true;
    };
    one.await("four stored starts", all_stored);
    for (int partition = 0; partition < 4; ++partition) REQUIRE(kafka.stored(partition) == 10);
    for (int partition = 0; partition < 4; ++partition) kafka.fill(partition, 10, 10);
    one.await("40 records handled", [&] { return one.journal().count() + two.journal().count() >= 40; });
    const auto all_done = [&] {
      for (int partition = 0; partition < 4; ++partition)
        if (kafka.stored(partition) != 20) return false;
      return true;
    };
    one.await("40 records committed", all_done);
    one.stop();
    two.stop();
    for (int partition = 0; partition < 4; ++partition)
      REQUIRE(offsets_of_both(one.journal(), two.journal(), kafka.partition(partition)) == sequence(10, 20));
  }
}
