#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <librdkafka/rdkafka.h>

#include <tidemark/stores/kafka.hpp>

#include "integration/kafka_fixture.hpp"

using namespace std::chrono_literals;
using namespace tidemark;
using namespace tidemark::test;

namespace {

constexpr std::int32_t partitions = 6;
constexpr int records = 3'000;  // in each of them

/// Several consumers of one group, and what they have handled together.
class Group {
 public:
  explicit Group(const ConsumerOptions& options) : options_{options} {}

  RunningConsumer& join() { return *members_.emplace_back(std::make_unique<RunningConsumer>(options_, store_)); }

  std::map<TopicPartition, std::map<std::int64_t, int>> times_handled() const {
    std::map<TopicPartition, std::map<std::int64_t, int>> times;
    for (const auto& member : members_)
      for (const auto& record : member->journal().handled()) ++times[record.partition][record.offset];
    return times;
  }

 private:
  ConsumerOptions options_;
  KafkaOffsetStore store_;
  std::vector<std::unique_ptr<RunningConsumer>> members_;
};

std::jthread produce_in_background(const KafkaFixture& kafka) {
  return std::jthread{[&kafka] {
    TestProducer producer{kafka.brokers};
    for (int i = 0; i < records; ++i) {
      for (std::int32_t partition = 0; partition < partitions; ++partition)
        producer.produce(kafka.topic, partition, "key", std::to_string(i));
      if (i % 20 == 0) producer.flush();  // so that records flow for as long as members come and go
    }
    producer.flush();
  }};
}

}  // namespace

TEST_CASE("with offsets in Kafka every record is handled while consumers join, leave and crash", "[integration]") {
  KafkaFixture kafka{partitions};
  auto options = kafka.options();
  SECTION("eager") {}
  SECTION("cooperative") {
    if (rd_kafka_version() < 0x020a0000) return;  // refused: the next test case
    options.kafka["partition.assignment.strategy"] = "cooperative-sticky";
  }
  Group group{options};
  const auto producer = produce_in_background(kafka);

  auto& first = group.join();
  first.await_count(500);
  auto& second = group.join();
  second.await_count(100);
  auto& third = group.join();
  third.await_count(100);
  first.stop();
  auto& fourth = group.join();
  fourth.await_count(100);
  second.abandon();
  third.await(
      "all offsets at the end",
      [&] {
        for (std::int32_t i = 0; i < partitions; ++i)
          if (kafka.admin.committed_offset(kafka.group, kafka.topic, i) != records) return false;
        return true;
      },
      120s);
  third.stop();
  fourth.stop();

  int again = 0;
  const auto times = group.times_handled();
  REQUIRE(times.size() == partitions);
  for (const auto& [partition, handled] : times) {
    INFO(text_of(partition));
    CHECK(handled.size() == records);
    CHECK(handled.begin()->first == 0);
    CHECK(handled.rbegin()->first == records - 1);
    for (const auto& [offset, count] : handled) again += count - 1;
  }
  // Who leaves has committed what it handled. Only the crash costs something: the batch in hand.
  CHECK(again <= static_cast<int>(options.batch.max_records));
  for (std::int32_t i = 0; i < partitions; ++i)
    CHECK(kafka.admin.committed_offset(kafka.group, kafka.topic, i) == records);
}

TEST_CASE("a consumer that could lose its assignment to a commit does not start", "[integration]") {
  if (rd_kafka_version() >= 0x020a0000) return;  // there it can't
  KafkaFixture kafka;
  KafkaOffsetStore store;
  auto options = kafka.options();
  options.kafka["partition.assignment.strategy"] = "cooperative-sticky";
  RunningConsumer consumer{options, store};
  const auto error = consumer.error_at_end();
  CHECK(error.find("partition.assignment.strategy=range,roundrobin") != std::string::npos);
}

TEST_CASE("members that start together from latest keep what the first of them stored", "[integration]") {
  KafkaFixture kafka{2};
  kafka.fill(0, 10);
  auto options = kafka.options();
  options.start = start::Latest{};
  KafkaOffsetStore store;
  RunningConsumer first{options, store};
  RunningConsumer second{options, store};
  first.await_assignment();
  second.await_assignment();
  CHECK(kafka.admin.committed_offset(kafka.group, kafka.topic, 0) == 10);
  CHECK(kafka.admin.committed_offset(kafka.group, kafka.topic, 1) == 0);
  kafka.fill(0, 5, 10);
  kafka.fill(1, 5);
  const auto all = [&] { return first.journal().count() + second.journal().count() >= 10; };
  first.await("the new records", all);
  first.stop();
  second.stop();
  CHECK(first.journal().count() + second.journal().count() == 10);
  CHECK(kafka.admin.committed_offset(kafka.group, kafka.topic, 0) == 15);
  CHECK(kafka.admin.committed_offset(kafka.group, kafka.topic, 1) == 5);
}

TEST_CASE("explicit partitions with offsets in Kafka go on where they were left", "[integration]") {
  KafkaFixture kafka{2};
  kafka.fill(0, 250);
  auto options = kafka.options();
  options.topics.clear();
  options.partitions = {kafka.partition(0)};
  KafkaOffsetStore store;
  {
    RunningConsumer consumer{options, store};
    consumer.await_count(250);
    consumer.await_no_lag(1);
    consumer.stop();
  }
  CHECK(kafka.admin.committed_offset(kafka.group, kafka.topic, 0) == 250);
  kafka.fill(0, 50, 250);
  RunningConsumer consumer{options, store};
  consumer.await_count(50);
  consumer.stop();
  CHECK(consumer.journal().offsets(kafka.partition()) == sequence(250, 300));
}
