#include <atomic>
#include <latch>
#include <stdexcept>

#include <tidemark/stores/file.hpp>

#include "integration/kafka_fixture.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace std::chrono_literals;
using namespace tidemark;
using namespace tidemark::test;

// parallel-consumer issue 826: offsets moved when records were polled.
TEST_CASE("nothing is committed before the handler has returned, and all of the batch afterwards", "[integration]") {
  KafkaFixture kafka{2};
  kafka.fill(0, 50);
  kafka.fill(1, 50);
  std::latch in_handler{1};
  std::latch may_return{1};
  std::atomic<bool> first = true;
  RunningConsumer consumer{kafka.options(), kafka.store, [&](const Batch<>&) {
                             if (!first.exchange(false)) return;
                             in_handler.count_down();
                             may_return.wait();
                           }};
  in_handler.wait();
  const auto before = kafka.store.list(kafka.group);
  may_return.count_down();
  REQUIRE(before.empty());
  consumer.await_count(100);
  consumer.await_no_lag(2);
  consumer.stop();
  REQUIRE(kafka.stored(0) == 50);
  REQUIRE(kafka.stored(1) == 50);
  require_unbroken_chains(consumer.journal());
}

TEST_CASE("a handler that throws ends the consumer with that error, and the next one begins with the same batch",
          "[integration]") {
  KafkaFixture kafka;
  kafka.fill(0, 1000);
  std::vector<OffsetRange> failed;
  {
    RunningConsumer consumer{kafka.options(), kafka.store, [&](const Batch<>& batch) {
                               if (batch[batch.size() - 1].offset() < 500) return;
                               failed.assign(batch.ranges().begin(), batch.ranges().end());
                               throw std::runtime_error{"no more"};
                             }};
    REQUIRE(consumer.error_at_end() == "no more");
    REQUIRE(failed.size() == 1);
    REQUIRE(kafka.stored() == failed.front().from);
    REQUIRE(consumer.journal().offsets(kafka.partition()) == sequence(0, failed.front().from));
  }
  RunningConsumer consumer{kafka.options(), kafka.store};
  consumer.await_no_lag(1);
  consumer.stop();
  REQUIRE(consumer.journal().offsets(kafka.partition()) == sequence(failed.front().from, 1000));
  REQUIRE(kafka.stored() == 1000);
}

TEST_CASE("a consumer goes on where the last one stopped, without a record twice, over many restarts",
          "[integration]") {
  KafkaFixture kafka{3};
  TemporaryFolder folder;
  std::map<TopicPartition, std::vector<std::int64_t>> handled;
  for (int round = 0; round < 5; ++round) {
    FileOffsetStore store{folder / "offsets"};
    for (int partition = 0; partition < 3; ++partition) kafka.fill(partition, 200, round * 200);
    RunningConsumer consumer{kafka.options(), store};
    consumer.await_count(100);  // somewhere in the middle
    consumer.stop();
    require_unbroken_chains(consumer.journal());
    for (const auto& record : consumer.journal().handled()) handled[record.partition].push_back(record.offset);
    for (const auto& [partition, offsets] : handled)
      REQUIRE(kafka.stored_in(store, partition) == static_cast<std::int64_t>(offsets.size()));
  }
  FileOffsetStore store{folder / "offsets"};
  RunningConsumer consumer{kafka.options(), store};
  consumer.await_no_lag(3);
  consumer.stop();
  for (const auto& record : consumer.journal().handled()) handled[record.partition].push_back(record.offset);
  for (int partition = 0; partition < 3; ++partition) REQUIRE(handled[kafka.partition(partition)] == sequence(0, 1000));
}

TEST_CASE("a regular expression finds its topics, and those that are made later", "[integration]") {
  KafkaFixture kafka{0};
  const auto named = [&](const std::string& ending) { return kafka.topic + ending; };
  kafka.admin.create_topic(named("-a"));
  kafka.admin.create_topic(named("-b"));
  kafka.admin.create_topic("other-" + kafka.topic + "-a");
  kafka.fill(named("-a"), 0, 10);
  kafka.fill(named("-b"), 0, 10);
  kafka.fill("other-" + kafka.topic + "-a", 0, 10);
  auto options = kafka.options();
  options.topics = {"^" + kafka.topic + "-[abc]$"};
  RunningConsumer consumer{options, kafka.store};
  consumer.await_count(20);
  consumer.await_no_lag(2);
  kafka.admin.create_topic(named("-c"), 2);
  kafka.admin.create_topic(named("-d"));
  kafka.fill(named("-c"), 0, 10);
  kafka.fill(named("-c"), 1, 10);
  kafka.fill(named("-d"), 0, 10);
  consumer.await_count(40);
  consumer.await_no_lag(4);
  consumer.stop();
  REQUIRE(consumer.journal().count() == 40);
  for (const auto& record : consumer.journal().handled()) REQUIRE(record.partition.topic.starts_with(kafka.topic));
  REQUIRE(kafka.stored_in(kafka.store, {named("-c"), 1}) == 10);
}

TEST_CASE("a regular expression that matches nothing yet waits", "[integration]") {
  KafkaFixture kafka{0};
  auto options = kafka.options();
  options.topics = {"^" + kafka.topic};
  RunningConsumer consumer{options, kafka.store};
  kafka.admin.create_topic(kafka.topic);
  kafka.fill(0, 10);
  consumer.await_count(10);
  consumer.stop();
}

TEST_CASE("explicit partitions are read, and no others, by consumers that need no group", "[integration]") {
  KafkaFixture kafka{4};
  for (int partition = 0; partition < 4; ++partition) kafka.fill(partition, 30);
  auto options = kafka.options();
  options.topics.clear();
  options.partitions = {kafka.partition(1), kafka.partition(3)};
  RunningConsumer consumer{options, kafka.store};
  options.partitions = {kafka.partition(2)};
  RunningConsumer beside{options, kafka.store};
  consumer.await_no_lag(2);
  beside.await_no_lag(1);
  consumer.stop();
  beside.stop();
  REQUIRE(consumer.journal().count() == 60);
  REQUIRE(beside.journal().offsets(kafka.partition(2)) == sequence(0, 30));
  REQUIRE_FALSE(kafka.stored(0));
  REQUIRE(kafka.stored(1) == 30);

  options.partitions = {kafka.partition(1)};
  kafka.fill(1, 10, 30);
  RunningConsumer next{options, kafka.store};
  next.await_count(10);
  next.stop();
  REQUIRE(next.journal().offsets(kafka.partition(1)) == sequence(30, 40));
}

TEST_CASE("an explicit partition that does not exist ends the consumer, and says how many there are", "[integration]") {
  KafkaFixture kafka{2};
  auto options = kafka.options();
  options.topics.clear();
  options.partitions = {kafka.partition(2)};
  RunningConsumer consumer{options, kafka.store};
  const auto error = consumer.error_at_end();
  REQUIRE_THAT(error, containing(kafka.topic + " [2] does not exist"));
  REQUIRE_THAT(error, containing("has 2"));
}

TEST_CASE("several workers keep the order of each partition and handle each record once", "[integration]") {
  KafkaFixture kafka{6};
  for (int partition = 0; partition < 6; ++partition) kafka.fill(partition, 2000);
  auto options = kafka.options();
  options.concurrency = 3;
  RunningConsumer consumer{options, kafka.store};
  consumer.await_no_lag(6);
  consumer.stop();
  for (int partition = 0; partition < 6; ++partition) {
    REQUIRE(consumer.journal().offsets(kafka.partition(partition)) == sequence(0, 2000));
    REQUIRE(kafka.stored(partition) == 2000);
  }
  require_unbroken_chains(consumer.journal());
}

TEST_CASE("progress and lag follow Kafka's ends and what is committed", "[integration]") {
  KafkaFixture kafka{2};
  kafka.fill(0, 100);
  std::latch handled_first{1};
  std::latch may_go_on{1};
  std::atomic<int> batches = 0;
  auto options = kafka.options();
  options.batch.max_records = 10;
  options.lag_interval = 50ms;
  RunningConsumer consumer{options, kafka.store, [&](const Batch<>&) {
                             if (++batches != 2) return;
                             handled_first.count_down();
                             may_go_on.wait();
                           }};
  REQUIRE(consumer.progress().empty());
  handled_first.wait();
  const auto stuck = consumer.progress();
  const auto end = kafka.admin.end_offset(kafka.topic, 0);
  const bool lag_told = eventually([&] {
    const auto told = consumer.journal().last_lag();
    return told.size() == 2 && told[0].next == 10 && told[0].lag() == 90;
  });
  may_go_on.count_down();
  REQUIRE(stuck.size() == 2);
  REQUIRE(stuck[0].partition == kafka.partition(0));
  REQUIRE(stuck[0].next == 10);
  REQUIRE(stuck[0].end == end);
  REQUIRE(stuck[0].lag() == 90);
  REQUIRE(stuck[1].next == 0);
  REQUIRE(lag_told);

  consumer.await_no_lag(2);
  REQUIRE(consumer.progress()[0].next == 100);
  REQUIRE(consumer.progress()[1].end == 0);
  kafka.fill(1, 7);
  consumer.await("the new records", [&] { return consumer.progress()[1].next == 7; });
  REQUIRE(consumer.progress()[1].end == 7);
  consumer.await("no lag told", [&] {
    const auto told = consumer.journal().last_lag();
    return told.size() == 2 && told[0].next == 100 && told[0].lag() == 0 && told[1].next == 7 && told[1].lag() == 0;
  });
  consumer.stop();
  REQUIRE(consumer.progress().empty());
}
