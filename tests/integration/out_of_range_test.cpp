#include <atomic>

#include "engine/gate.hpp"
#include "integration/kafka_fixture.hpp"
#include "support/catch.hpp"

using namespace std::chrono_literals;
using namespace tidemark;
using namespace tidemark::test;

namespace {

/// A group that stands at `next` in a partition that holds [begin, end).
void stand_at(KafkaFixture& kafka, std::int64_t next, std::int64_t begin, int end) {
  kafka.fill(0, end);
  kafka.admin.delete_records(kafka.topic, 0, begin);
  kafka.store.overwrite(kafka.group, std::vector<StoredOffset>{{kafka.partition(), next}});
}

void require_event(const Journal& journal, std::int64_t requested, std::int64_t earliest, std::int64_t end,
                   std::optional<std::int64_t> restarted_at) {
  const auto events = journal.out_of_range();
  REQUIRE(events.size() == 1);
  REQUIRE(events[0].requested == requested);
  REQUIRE(events[0].earliest == earliest);
  REQUIRE(events[0].end == end);
  REQUIRE(events[0].restarted_at == restarted_at);
}

}  // namespace

TEST_CASE("where the stored offset was deleted, policy fail ends the consumer and leaves the store alone",
          "[integration]") {
  KafkaFixture kafka;
  stand_at(kafka, 3, 6, 10);
  RunningConsumer consumer{kafka.options(), kafka.store};
  const auto error = consumer.error_at_end();
  REQUIRE_THAT(error, containing("offset 3 of " + kafka.topic + " [0]"));
  REQUIRE_THAT(error, containing("6 to 10"));
  REQUIRE_THAT(error, containing("ConsumerOptions::out_of_range"));
  REQUIRE(consumer.journal().count() == 0);
  REQUIRE(kafka.stored() == 3);
  require_event(consumer.journal(), 3, 6, 10, std::nullopt);
}

TEST_CASE("where the stored offset was deleted, policy earliest goes on at the oldest record", "[integration]") {
  KafkaFixture kafka;
  stand_at(kafka, 3, 6, 10);
  auto options = kafka.options();
  options.out_of_range = OutOfRangePolicy::earliest;
  RunningConsumer consumer{options, kafka.store};
  consumer.await_count(4);
  consumer.await_no_lag(1);
  consumer.stop();
  REQUIRE(consumer.journal().offsets(kafka.partition()) == sequence(6, 10));
  REQUIRE(kafka.stored() == 10);
  REQUIRE(consumer.journal().conflicts().empty());
  require_event(consumer.journal(), 3, 6, 10, 6);
  require_unbroken_chains(consumer.journal());
}

TEST_CASE("where the stored offset was deleted, policy latest goes on after the newest record", "[integration]") {
  KafkaFixture kafka;
  stand_at(kafka, 3, 6, 10);
  auto options = kafka.options();
  options.out_of_range = OutOfRangePolicy::latest;
  RunningConsumer consumer{options, kafka.store};
  consumer.await("the new position stored", [&] { return kafka.stored() == 10; });
  kafka.fill(0, 5, 10);
  consumer.await_count(5);
  consumer.stop();
  REQUIRE(consumer.journal().offsets(kafka.partition()) == sequence(10, 15));
  require_event(consumer.journal(), 3, 6, 10, 10);
}

TEST_CASE("all records deleted: both policies go on at the end", "[integration]") {
  KafkaFixture kafka;
  stand_at(kafka, 3, 10, 10);
  auto options = kafka.options();
  SECTION("earliest") { options.out_of_range = OutOfRangePolicy::earliest; }
  SECTION("latest") { options.out_of_range = OutOfRangePolicy::latest; }
  RunningConsumer consumer{options, kafka.store};
  consumer.await_no_lag(1);
  kafka.fill(0, 5, 10);
  consumer.await_count(5);
  consumer.await("everything committed", [&] { return kafka.stored() == 15; });
  consumer.stop();
  REQUIRE(consumer.journal().offsets(kafka.partition()) == sequence(10, 15));
}

TEST_CASE("a topic that was made anew while no consumer ran: the stored offset lies beyond its end", "[integration]") {
  KafkaFixture kafka{2};
  kafka.fill(0, 100);
  kafka.fill(1, 100);
  {
    RunningConsumer consumer{kafka.options(), kafka.store};
    consumer.await_no_lag(2);
    consumer.stop();
  }
  kafka.admin.delete_topic(kafka.topic);
  kafka.admin.create_topic(kafka.topic, 2);
  kafka.fill(0, 10);
  auto options = kafka.options();

  SECTION("fail") {
    RunningConsumer consumer{options, kafka.store};
    REQUIRE_THAT(consumer.error_at_end(), containing("topic was made anew"));
    REQUIRE(kafka.stored(0) == 100);
    REQUIRE(kafka.stored(1) == 100);
  }
  SECTION("earliest") {
    options.out_of_range = OutOfRangePolicy::earliest;
    RunningConsumer consumer{options, kafka.store};
    consumer.await_count(10);
    consumer.await("everything committed", [&] { return kafka.stored(0) == 10 && kafka.stored(1) == 0; });
    kafka.fill(1, 10);
    consumer.await_count(20);
    consumer.await_no_lag(2);
    consumer.stop();
    REQUIRE(consumer.journal().offsets(kafka.partition(0)) == sequence(0, 10));
    REQUIRE(consumer.journal().offsets(kafka.partition(1)) == sequence(0, 10));
    REQUIRE(consumer.journal().conflicts().empty());
    REQUIRE(kafka.stored(0) == 10);
  }
  SECTION("latest") {
    options.out_of_range = OutOfRangePolicy::latest;
    RunningConsumer consumer{options, kafka.store};
    consumer.await("the new positions stored", [&] { return kafka.stored(0) == 10 && kafka.stored(1) == 0; });
    kafka.fill(0, 5, 10);
    consumer.await_count(5);
    consumer.stop();
    REQUIRE(consumer.journal().offsets(kafka.partition(0)) == sequence(10, 15));
  }
}

TEST_CASE("records that are deleted ahead of a running consumer are an event, and the rest is handled",
          "[integration]") {
  KafkaFixture kafka;
  // Fetches so small that the deleted records can't have been fetched yet.
  auto options = kafka.options();
  options.out_of_range = OutOfRangePolicy::earliest;
  options.batch.max_records = 1;
  options.kafka["fetch.message.max.bytes"] = "2000";
  options.kafka["queued.min.messages"] = "1";
  for (int i = 0; i < 400; ++i) {
    kafka.producer.produce(kafka.topic, 0, std::nullopt, std::string(1000, 'x'));
    kafka.producer.flush();
  }
  std::atomic<bool> deleted = false;
  RunningConsumer consumer{options, kafka.store, [&](const Batch<>&) {
                             if (!deleted.exchange(true)) kafka.admin.delete_records(kafka.topic, 0, 390);
                           }};
  consumer.await_no_lag(1);
  consumer.stop();
  const auto offsets = consumer.journal().offsets(kafka.partition());
  const auto events = consumer.journal().out_of_range();
  REQUIRE(events.size() == 1);
  REQUIRE(events[0].restarted_at == 390);
  // All that was fetched before, then all that was left.
  auto expected = sequence(0, events[0].requested);
  const auto rest = sequence(390, 400);
  expected.insert(expected.end(), rest.begin(), rest.end());
  REQUIRE(offsets == expected);
  REQUIRE(kafka.stored() == 400);
  require_unbroken_chains(consumer.journal());
}

// librdkafka gives these errors no version, so they outlive the assignment that they are about.
TEST_CASE("an out-of-range error from before an operator's reset does not move the partition", "[integration]") {
  KafkaFixture kafka;
  KafkaFixture busy{kafka.brokers, 1};
  kafka.fill(0, 100);
  auto options = kafka.options();
  options.topics.clear();
  options.partitions = {kafka.partition(), busy.partition()};
  options.store_poll_interval = 50ms;
  options.kafka["debug"] = "topic";  // tells when the error is on its way
  SECTION("fail") { options.out_of_range = OutOfRangePolicy::fail; }
  SECTION("earliest") { options.out_of_range = OutOfRangePolicy::earliest; }
  SECTION("latest") { options.out_of_range = OutOfRangePolicy::latest; }
  Gate gate;
  RunningConsumer consumer{options, kafka.store, [&](const Batch<>& batch) {
                             for (const auto& record : batch)
                               if (record.topic() == busy.topic) gate.pass();
                           }};
  consumer.await("everything committed", [&] { return kafka.stored() == 100; });
  busy.fill(0, 1);
  consumer.await("a worker that is busy elsewhere", [&] { return gate.is_reached(); });
  kafka.admin.delete_topic(kafka.topic);
  kafka.admin.create_topic(kafka.topic);
  kafka.fill(0, 10);
  consumer.await("an error about the old offset",
                 [&] { return consumer.journal().has_line_with("offset reset (at offset 100"); });
  const StoredOffset beginning{kafka.partition(), 0};
  kafka.store.overwrite(kafka.group, {&beginning, 1});
  consumer.await("the reset taken up", [&] { return !consumer.journal().conflicts().empty(); });
  kafka.fill(0, 140, 10);
  gate.open();
  consumer.await("everything committed", [&] { return kafka.stored() == 150; });
  consumer.stop();
  auto expected = sequence(0, 100);
  const auto rest = sequence(0, 150);
  expected.insert(expected.end(), rest.begin(), rest.end());
  REQUIRE(consumer.journal().offsets(kafka.partition()) == expected);
  REQUIRE(consumer.journal().out_of_range().empty());
}

TEST_CASE("a topic that is made anew under a running consumer is read from its beginning under policy earliest",
          "[integration]") {
  KafkaFixture kafka;
  kafka.fill(0, 100);
  auto options = kafka.options();
  options.out_of_range = OutOfRangePolicy::earliest;
  RunningConsumer consumer{options, kafka.store};
  consumer.await_no_lag(1);
  kafka.admin.delete_topic(kafka.topic);
  kafka.admin.create_topic(kafka.topic);
  kafka.fill(0, 10);
  consumer.await_count(110);
  consumer.await("the new position stored", [&] { return kafka.stored() == 10; });
  consumer.stop();
  auto expected = sequence(0, 100);
  const auto rest = sequence(0, 10);
  expected.insert(expected.end(), rest.begin(), rest.end());
  REQUIRE(consumer.journal().offsets(kafka.partition()) == expected);
}

TEST_CASE("while partitions are read, questions to the brokers do not wait behind the fetch that is under way",
          "[integration]") {
  KafkaFixture kafka{2};
  kafka.fill(0, 10);
  auto options = kafka.options();
  options.topics.clear();
  options.partitions = {kafka.partition(0), kafka.partition(1)};
  options.out_of_range = OutOfRangePolicy::latest;
  options.store_poll_interval = 20ms;
  options.kafka["fetch.wait.max.ms"] = "3000";
  RunningConsumer consumer{options, kafka.store};
  consumer.await_count(10);
  // An operator's mistake: the partition is to go on where it holds nothing.
  kafka.store.overwrite(kafka.group, std::vector<StoredOffset>{{kafka.partition(0), 1000}});
  const auto began = std::chrono::steady_clock::now();
  consumer.await("word of the offset that does not exist", [&] { return !consumer.journal().out_of_range().empty(); });
  const auto took = std::chrono::steady_clock::now() - began;
  // The error itself comes by a fetch, which may have to wait for the last one. Two questions follow: asked behind the fetch of the other
  // partition, each takes another 3 s.
  CHECK(took < 5s);
  consumer.stop();
}
