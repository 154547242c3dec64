#include <stdexcept>

#include "integration/kafka_fixture.hpp"
#include "support/catch.hpp"

using namespace std::chrono_literals;
using namespace tidemark;
using namespace tidemark::test;

namespace {

class TransactionalFixture : public KafkaFixture {
 public:
  using KafkaFixture::KafkaFixture;
  TestProducer transactional{brokers, {{"transactional.id", topic}}};

  void write(std::int32_t number, int count, const std::string& value, bool commits) {
    transactional.begin();
    for (int i = 0; i < count; ++i) transactional.produce(topic, number, "key", value);
    if (commits)
      transactional.commit();
    else
      transactional.abort();
  }
};

}  // namespace

TEST_CASE("aborted records are not delivered, and the ranges close over them", "[integration]") {
  TransactionalFixture kafka;
  for (int i = 0; i < 10; ++i) {
    kafka.write(0, 5, "committed", true);
    kafka.write(0, 5, "aborted", false);
  }
  auto options = kafka.options();
  options.batch.max_records = 7;
  RunningConsumer consumer{options, kafka.store};
  consumer.await_no_lag(1);
  consumer.stop();
  REQUIRE(consumer.journal().count() == 50);
  for (const auto& record : consumer.journal().handled()) REQUIRE(record.value == "committed");
  REQUIRE(kafka.stored() == 120);
  REQUIRE(kafka.stored() == kafka.admin.end_offset(kafka.topic, 0));
  require_unbroken_chains(consumer.journal());
}

// librdkafka issue 2539: after transactions the lag never was 0.
TEST_CASE("lag reaches zero where a partition ends in markers, and stays so over a restart", "[integration]") {
  TransactionalFixture kafka{3};
  kafka.write(0, 1, "committed", true);  // ends in a commit marker
  kafka.write(1, 3, "aborted", false);   // holds nothing that is delivered
  kafka.write(2, 3, "committed", true);  // ends in many
  for (int i = 0; i < 5; ++i) kafka.write(2, 1, "aborted", false);
  for (int round = 0; round < 2; ++round) {
    RunningConsumer consumer{kafka.options(), kafka.store};
    consumer.await_no_lag(3);
    consumer.stop();
    REQUIRE(consumer.journal().count() == (round == 0 ? 4u : 0u));
    REQUIRE(kafka.stored(0) == 2);
    REQUIRE(kafka.stored(1) == 4);
    REQUIRE(kafka.stored(2) == 14);
  }
}

TEST_CASE("while a consumer waits, each transaction that is aborted moves it on", "[integration]") {
  TransactionalFixture kafka;
  RunningConsumer consumer{kafka.options(), kafka.store};
  consumer.await_assignment();
  for (int i = 1; i <= 5; ++i) {
    kafka.write(0, 3, "aborted", false);
    consumer.await("the abort stepped over", [&] { return kafka.stored() == 4 * i; });
  }
  kafka.write(0, 3, "committed", true);
  consumer.await("the commit stepped over", [&] { return kafka.stored() == 24; });
  consumer.stop();
  REQUIRE(consumer.journal().count() == 3);
  require_unbroken_chains(consumer.journal());
}

TEST_CASE("records of a transaction that is open are held back until it is committed", "[integration]") {
  TransactionalFixture kafka;
  kafka.fill(0, 5);
  kafka.transactional.begin();
  kafka.transactional.produce(kafka.topic, 0, "key", "pending");
  kafka.transactional.flush();
  kafka.fill(0, 5, 5);  // behind the open transaction
  RunningConsumer consumer{kafka.options(), kafka.store};
  consumer.await("what precedes the open transaction", [&] { return kafka.stored() == 5; });
  REQUIRE(consumer.journal().count() == 5);
  kafka.transactional.commit();
  consumer.await_count(11);
  consumer.await_no_lag(1);
  consumer.stop();
  REQUIRE(consumer.journal().offsets(kafka.partition()) == sequence(0, 11));
  REQUIRE(kafka.stored() == 12);
}

TEST_CASE("records of a transaction that is open are no lag, and waiting for them is no stall", "[integration]") {
  TransactionalFixture kafka;
  kafka.fill(0, 5);
  kafka.transactional.begin();
  for (int i = 0; i < 20; ++i) kafka.transactional.produce(kafka.topic, 0, "key", "pending");
  kafka.transactional.flush();
  auto options = kafka.options();
  options.lag_interval = 50ms;
  RunningConsumer consumer{options, kafka.store};
  consumer.await("what precedes the open transaction", [&] { return kafka.stored() == 5; });
  consumer.await("no lag", [&] {
    const auto lag = consumer.journal().last_lag();
    return lag.size() == 1 && lag.front().lag() == 0;
  });
  REQUIRE(consumer.progress().front().end == 5);
  kafka.transactional.commit();
  consumer.await_count(25);
  consumer.await_no_lag(1);
  consumer.stop();
  REQUIRE_FALSE(consumer.journal().has_line_with("stall"));
}

TEST_CASE("offsets of markers and of aborted records are counted as skipped", "[integration]") {
  TransactionalFixture kafka;
  kafka.write(0, 2, "committed", true);
  kafka.write(0, 3, "aborted", false);
  kafka.fill(0, 1);
  auto options = kafka.options();
  options.gaps = GapPolicy::report;
  RunningConsumer consumer{options, kafka.store};
  consumer.await_no_lag(1);
  REQUIRE(consumer.progress().front().skipped == 5);
  consumer.stop();
  REQUIRE(consumer.journal().has_line_with("gap of 5 offsets, first " + text_of(kafka.partition()) + ":2..7"));
}

TEST_CASE("read_uncommitted is a choice, and delivers aborted records", "[integration]") {
  TransactionalFixture kafka;
  kafka.write(0, 5, "aborted", false);
  auto options = kafka.options();
  options.kafka["isolation.level"] = "read_uncommitted";
  RunningConsumer consumer{options, kafka.store};
  consumer.await_count(5);
  consumer.await_no_lag(1);
  consumer.stop();
}

TEST_CASE("a crash in the middle of transactions delivers each committed record, in order", "[integration]") {
  TransactionalFixture kafka;
  for (int i = 0; i < 20; ++i) kafka.write(0, 5, std::to_string(i), i % 2 == 0);
  std::vector<std::string> values;
  auto options = kafka.options();
  options.batch.max_records = 3;
  for (int round = 0; round < 4; ++round) {
    std::size_t handled = 0;
    RunningConsumer consumer{options, kafka.store, [&](const Batch<>& batch) {
                               if (handled >= 10) throw std::runtime_error{"enough"};
                               handled += batch.size();
                             }};
    REQUIRE(consumer.error_at_end() == "enough");
    for (const auto& record : consumer.journal().handled()) values.push_back(*record.value);
  }
  RunningConsumer consumer{options, kafka.store};
  consumer.await_no_lag(1);
  consumer.stop();
  for (const auto& record : consumer.journal().handled()) values.push_back(*record.value);
  std::vector<std::string> expected;
  for (int i = 0; i < 20; i += 2) expected.insert(expected.end(), 5, std::to_string(i));
  REQUIRE(values == expected);
}
