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

/// Records flow into all partitions for as long as it lives.
class Flow {
 public:
  explicit Flow(const KafkaFixture& kafka)
      : producer_{[this, &kafka](const std::stop_token& stop) {
          TestProducer producer{kafka.brokers};
          while (!stop.stop_requested()) {
            for (std::int32_t partition = 0; partition < partitions; ++partition)
              producer.produce(kafka.topic, partition, "key", "value");
            producer.flush();
            ++rounds_;
          }
        }} {}

  /// How many records each partition has got in the end.
  std::int64_t stop() {
    producer_ = {};
    return rounds_;
  }

 private:
  std::atomic<std::int64_t> rounds_ = 0;
  std::jthread producer_;
};

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
  Flow flow{kafka};

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
  const auto records = flow.stop();
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
    CHECK(handled.size() == static_cast<std::size_t>(records));
    CHECK(handled.begin()->first == 0);
    CHECK(handled.rbegin()->first == records - 1);
    for (const auto& [offset, count] : handled) again += count - 1;
  }
  // Who leaves has committed what it handled. Only the crash costs something: the batch in hand.
  CHECK(again <= static_cast<int>(options.batch.max_records));
  for (std::int32_t i = 0; i < partitions; ++i)
    CHECK(kafka.admin.committed_offset(kafka.group, kafka.topic, i) == records);
}

// librdkafka issue 4059, before 2.10.0.
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
