#include <algorithm>
#include <atomic>
#include <chrono>

#include "integration/kafka_fixture.hpp"
#include "support/catch.hpp"

using namespace std::chrono_literals;
using namespace tidemark;
using namespace tidemark::test;

namespace {

using HeaderList = std::vector<std::pair<std::string, std::optional<std::string>>>;

/// Writes them, reads them back, and requires that they come as they were written.
void require_round_trip(KafkaFixture& kafka, std::vector<TestRecord> records) {
  for (auto& record : records) {
    record.topic = kafka.topic;
    kafka.producer.produce(record);
  }
  kafka.producer.flush();
  RunningConsumer consumer{kafka.options(), kafka.store};
  consumer.await_count(records.size());
  consumer.await_no_lag(1);
  consumer.stop();
  const auto handled = consumer.journal().handled();
  REQUIRE(handled.size() == records.size());
  for (std::size_t i = 0; i < records.size(); ++i) {
    CAPTURE(i);
    REQUIRE(handled[i].offset == static_cast<std::int64_t>(i));
    REQUIRE((handled[i].key == records[i].key));
    REQUIRE((handled[i].value == records[i].value));
    REQUIRE((handled[i].headers == records[i].headers));
  }
}

}  // namespace

TEST_CASE("every codec is read, and may change within a partition", "[integration]") {
  KafkaFixture kafka;
  std::vector<std::string> expected;
  for (int round = 0; round < 2; ++round) {
    for (const std::string codec : {"none", "gzip", "snappy", "lz4", "zstd"}) {
      TestProducer producer{kafka.brokers, {{"compression.codec", codec}, {"linger.ms", "20"}}};
      for (int i = 0; i < 200; ++i) {
        expected.push_back(codec + std::string(static_cast<std::size_t>(i), 'x') + std::to_string(i));
        producer.produce(kafka.topic, 0, codec, expected.back());
      }
      producer.flush();
    }
  }
  RunningConsumer consumer{kafka.options(), kafka.store};
  consumer.await_no_lag(1);
  consumer.stop();
  std::vector<std::string> values;
  for (const auto& record : consumer.journal().handled()) values.push_back(*record.value);
  REQUIRE((values == expected));
}

TEST_CASE("null and empty keys and values differ", "[integration]") {
  KafkaFixture kafka;
  std::vector<TestRecord> records;
  const std::vector<std::optional<std::string>> texts{std::nullopt, "", "x"};
  for (const auto& key : texts)
    for (const auto& value : texts) records.push_back({.key = key, .value = value});
  require_round_trip(kafka, records);
}

TEST_CASE("headers come back as they were, in order, repeated, null, empty, not UTF-8, and a thousand of them",
          "[integration]") {
  KafkaFixture kafka;
  HeaderList many;
  for (int i = 0; i < 1000; ++i) many.emplace_back("name" + std::to_string(i % 7), std::to_string(i));
  require_round_trip(kafka,
                     {{.value = "none", .headers = {}},
                      {.value = "repeated", .headers = {{"b", "1"}, {"a", "2"}, {"b", "3"}}},
                      {.value = "null", .headers = {{"null", std::nullopt}, {"empty", ""}, {"", "no name"}}},
                      {.value = "bytes", .headers = {{"binary", std::string{"\xff\x00\xfe", 3}}, {"\xc3\x28", "x"}}},
                      {.value = "many", .headers = many}});
}

TEST_CASE("keys and values are bytes", "[integration]") {
  KafkaFixture kafka;
  std::string every_byte;
  for (int i = 0; i < 256; ++i) every_byte += static_cast<char>(i);
  require_round_trip(kafka, {{.key = every_byte, .value = every_byte}, {.key = std::string(1, '\0'), .value = "\n"}});
}

TEST_CASE("timestamps are the producer's, or the broker's where the topic says so", "[integration]") {
  const auto at = std::chrono::system_clock::time_point{1'500'000'000'123ms};
  SECTION("the producer's") {
    KafkaFixture kafka;
    kafka.producer.produce({.topic = kafka.topic, .value = "x", .timestamp = 1'500'000'000'123});
    kafka.producer.flush();
    RunningConsumer consumer{kafka.options(), kafka.store};
    consumer.await_count(1);
    consumer.stop();
    REQUIRE((consumer.journal().handled()[0].timestamp == at));
  }
  SECTION("the broker's") {
    KafkaFixture kafka{1, {{"message.timestamp.type", "LogAppendTime"}}};
    const auto before = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    kafka.producer.produce({.topic = kafka.topic, .value = "x", .timestamp = 1'500'000'000'123});
    kafka.producer.flush();
    RunningConsumer consumer{kafka.options(), kafka.store};
    consumer.await_count(1);
    consumer.stop();
    REQUIRE((consumer.journal().handled()[0].timestamp >= before));
    REQUIRE((consumer.journal().handled()[0].timestamp <= std::chrono::system_clock::now()));
  }
}

TEST_CASE("records of a megabyte and more pass, whatever the batch's limit in bytes", "[integration]") {
  KafkaFixture kafka{1, {{"max.message.bytes", "8000000"}}};
  TestProducer producer{kafka.brokers, {{"message.max.bytes", "8000000"}}};
  const std::vector<std::size_t> sizes{1, 1 << 20, 10, 5 << 20, 1 << 20, 1};
  for (std::size_t i = 0; i < sizes.size(); ++i)
    producer.produce(kafka.topic, 0, "k", std::string(sizes[i], static_cast<char>('a' + i)));
  producer.flush();
  auto options = kafka.options();
  SECTION("a large limit") {}
  SECTION("a limit of a byte") { options.batch.max_bytes = 1; }
  SECTION("a budget that is less than a record") { options.memory_budget_bytes = 1 << 20; }
  RunningConsumer consumer{options, kafka.store};
  consumer.await_count(sizes.size());
  consumer.stop();
  const auto handled = consumer.journal().handled();
  for (std::size_t i = 0; i < sizes.size(); ++i)
    REQUIRE((handled[i].value == std::string(sizes[i], static_cast<char>('a' + i))));
  require_unbroken_chains(consumer.journal());
}

TEST_CASE("a batch does not pass its limits in records and bytes", "[integration]") {
  KafkaFixture kafka{2};
  for (int i = 0; i < 500; ++i) kafka.producer.produce(kafka.topic, i % 2, std::nullopt, std::string(100, 'x'));
  kafka.producer.flush();
  auto options = kafka.options();
  options.batch.max_records = 40;
  options.batch.max_bytes = 3000;
  std::atomic<std::size_t> most_records = 0;
  RunningConsumer consumer{options, kafka.store,
                           [&](const Batch<>& batch) { most_records = std::max(most_records.load(), batch.size()); }};
  consumer.await_count(500);
  consumer.stop();
  REQUIRE(most_records == 30);
}

TEST_CASE("the gaps that compaction leaves are stepped over", "[integration]") {
  KafkaFixture kafka{1,
                     {{"cleanup.policy", "compact"},
                      {"segment.bytes", "1048576"},
                      {"segment.ms", "100"},
                      {"min.cleanable.dirty.ratio", "0.01"},
                      {"max.compaction.lag.ms", "100"}}};
  // Each key ten times; only its last value stays. A record later on closes the segment, so that the cleaner may touch it.
  for (int i = 0; i < 1000; ++i) kafka.producer.produce(kafka.topic, 0, std::to_string(i % 100), std::to_string(i));
  kafka.producer.flush();
  // What a consumer finds tells when the cleaner was there.
  int tries = 0;
  REQUIRE(eventually(
      [&] {
        kafka.producer.produce(kafka.topic, 0, "another", std::to_string(++tries));
        kafka.producer.flush();
        testing::MemoryOffsetStore store;
        RunningConsumer probe{kafka.options(), store};
        probe.await_no_lag(1);
        probe.stop();
        return probe.journal().count() < 500;
      },
      60s));
  const auto end = kafka.admin.end_offset(kafka.topic, 0);
  auto options = kafka.options();
  options.batch.max_records = 7;
  RunningConsumer consumer{options, kafka.store};
  consumer.await_no_lag(1);
  consumer.stop();
  REQUIRE(kafka.stored() == end);
  require_unbroken_chains(consumer.journal());
  std::map<std::string, std::string> latest;
  for (const auto& record : consumer.journal().handled()) latest[*record.key] = *record.value;
  for (int i = 0; i < 100; ++i) REQUIRE(latest[std::to_string(i)] == std::to_string(900 + i));
}
