#include <atomic>
#include <map>
#include <mutex>

#include <tidemark/dead_letters/kafka.hpp>
#include <tidemark/error.hpp>
#include <tidemark/micro_batch_consumer.hpp>
#include <tidemark/testing/batch_builder.hpp>

#include "engine/mock_cluster.hpp"
#include "engine/scene.hpp"
#include "support/catch.hpp"

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;

namespace {

struct Read {
  std::vector<std::pair<std::string, std::string>> headers;
  std::optional<std::string> key;
  std::optional<std::string> value;
};

std::optional<std::string> copy(const Bytes& bytes) {
  return bytes.is_null() ? std::nullopt : std::optional{std::string{bytes}};
}

/// What is in the one partition of the topic "dead".
std::vector<Read> read_dead(const Scene& scene, std::size_t count) {
  auto options = scene.options();
  options.partitions = {{"dead", 0}};
  testing::MemoryOffsetStore store;
  std::mutex mutex;
  std::vector<Read> all;
  MicroBatchConsumer<> consumer{options, store, [&](const Batch<>& batch) {
                                  const std::lock_guard lock{mutex};
                                  for (const auto& record : batch) {
                                    Read one{{}, copy(record.key()), copy(record.value())};
                                    for (const auto& [name, value] : record.headers())
                                      one.headers.emplace_back(name, value);
                                    all.push_back(std::move(one));
                                  }
                                }};
  Running running{consumer};
  REQUIRE(eventually(
      [&] {
        const std::lock_guard lock{mutex};
        return all.size() >= count;
      },
      patience));
  running.stop();
  return all;
}

std::string error_of_write(KafkaDeadLetters& sink) {
  testing::BatchBuilder builder;
  builder.add({.topic = "orders", .value = "3"});
  const auto batch = builder.build();
  const DeadLetter letter{batch[0], "billing", DeadLetterReason::rejected, "why", 1};
  try {
    sink.write({&letter, 1});
  } catch (const StoreError& error) {
    return (error.is_retryable() ? "retryable: " : "for good: ") + std::string{error.what()};
  }
  return "written";
}

}  // namespace

TEST_CASE("a dead letter in Kafka is the record as it was, and headers that say what became of it", "[engine]") {
  Scene scene;
  scene.broker.create_topic("dead", 1);
  const std::chrono::system_clock::time_point at{1'356'998'400'123ms};
  scene.broker.produce({.topic = "orders",
                        .partition = 0,
                        .key = "ada",
                        .value = "x",
                        .headers = {{"trace", "1"}, {"trace", "2"}},
                        .timestamp = at});
  scene.broker.produce({.topic = "orders", .partition = 0, .value = "", .timestamp = at});
  scene.broker.produce({.topic = "orders", .partition = 0, .key = "", .timestamp = at});
  scene.broker.flush();
  auto options = scene.options();
  options.dead_letters =
      std::make_shared<KafkaDeadLetters>(KafkaDeadLettersOptions{.brokers = scene.broker.brokers(), .topic = "dead"});
  MicroBatchConsumer<> consumer{options, scene.store, [](const Batch<>& batch) {
                                  for (const auto& record : batch) batch.reject(record, "no amount");
                                }};
  Running running{consumer};
  REQUIRE(scene.reaches(3));
  running.stop();
  const auto dead = read_dead(scene, 3);
  REQUIRE(dead.size() == 3);
  CHECK(dead[0].key == "ada");
  CHECK(dead[0].value == "x");
  CHECK(dead[0].headers == std::vector<std::pair<std::string, std::string>>{{"trace", "1"},
                                                                            {"trace", "2"},
                                                                            {"tidemark.topic", "orders"},
                                                                            {"tidemark.partition", "0"},
                                                                            {"tidemark.offset", "0"},
                                                                            {"tidemark.timestamp", "1356998400123"},
                                                                            {"tidemark.group", "billing"},
                                                                            {"tidemark.reason", "rejected"},
                                                                            {"tidemark.why", "no amount"},
                                                                            {"tidemark.attempts", "1"},
                                                                            {"tidemark.deaths", "1"}});
  CHECK(dead[1].key == std::nullopt);
  CHECK(dead[1].value == "");
  CHECK(dead[2].key == "");
  CHECK(dead[2].value == std::nullopt);
}

TEST_CASE("a letter that dies again has its headers replaced, and its deaths counted", "[engine]") {
  Scene scene;
  scene.broker.create_topic("dead", 1);
  const auto* deaths = GENERATE("", "7");  // letters of before these were counted have none
  std::vector<std::pair<std::string, std::string>> headers{{"trace", "1"}};
  for (const auto* group : {"first", "second"})
    headers.insert(headers.end(),
                   {{"tidemark.topic", "elsewhere"}, {"tidemark.group", group}, {"tidemark.reason", "rejected"}});
  headers.emplace_back("tidemark.unknown", "kept");
  if (*deaths != '\0') headers.emplace_back("tidemark.deaths", deaths);
  testing::OutgoingRecord record{.topic = "orders", .partition = 0, .value = "x"};
  for (const auto& [name, value] : headers) record.headers.push_back({name, value});
  scene.broker.produce(record);
  scene.broker.flush();
  auto options = scene.options();
  options.dead_letters =
      std::make_shared<KafkaDeadLetters>(KafkaDeadLettersOptions{.brokers = scene.broker.brokers(), .topic = "dead"});
  MicroBatchConsumer<> consumer{options, scene.store,
                                [](const Batch<>& batch) { batch.reject(batch[0], std::string(1'200'000, '!')); }};
  Running running{consumer};
  REQUIRE(scene.reaches(1));
  running.stop();
  const auto dead = read_dead(scene, 1);
  REQUIRE(dead.size() == 1);
  std::map<std::string, std::vector<std::string>> found;
  for (const auto& [name, value] : dead[0].headers) found[name].push_back(value);
  CHECK(found["trace"] == std::vector<std::string>{"1"});
  CHECK(found["tidemark.unknown"] == std::vector<std::string>{"kept"});
  CHECK(found["tidemark.topic"] == std::vector<std::string>{"orders"});
  CHECK(found["tidemark.group"] == std::vector<std::string>{"billing"});
  CHECK(found["tidemark.reason"] == std::vector<std::string>{"rejected"});
  CHECK(found["tidemark.deaths"] == std::vector<std::string>{*deaths == '\0' ? "3" : "8"});
  REQUIRE(found["tidemark.why"].size() == 1);
  CHECK(found["tidemark.why"][0].size() == 4096);
  CHECK_THAT(found["tidemark.why"][0], containing("of 1200000 bytes"));
}

TEST_CASE("a dead-letter topic that does not exist is found when the consumer starts", "[engine]") {
  Scene scene;
  scene.produce(0, 1);
  MockCluster other;
  other.create_topic("dead", 1);
  other.hide_topic("dead", true);
  auto options = scene.options();
  options.dead_letters =
      std::make_shared<KafkaDeadLetters>(KafkaDeadLettersOptions{.brokers = other.brokers(), .topic = "dead"});
  std::atomic<int> calls = 0;
  MicroBatchConsumer<> consumer{options, scene.store, [&](const Batch<>&) { ++calls; }};
  const auto error = error_of_run<StoreError>(consumer);
  CHECK_THAT(error.what(), containing("the dead-letter topic \"dead\" does not exist; create it"));
  CHECK(calls == 0);
}

TEST_CASE("while the brokers of the dead letters are away a consumer waits with its start, within connect_timeout",
          "[engine]") {
  Scene scene;
  scene.produce(0, 1);
  MockCluster other;
  other.create_topic("dead", 1);
  other.set_down(true);
  auto options = scene.options();
  options.dead_letters =
      std::make_shared<KafkaDeadLetters>(KafkaDeadLettersOptions{.brokers = other.brokers(), .topic = "dead"});
  SECTION("they come back") {
    MicroBatchConsumer<> consumer{options, scene.store, [](const Batch<>&) {}};
    Running running{consumer};
    other.set_down(false);
    CHECK(scene.reaches(1));
    running.stop();
  }
  SECTION("they stay away") {
    options.connect_timeout = 100ms;
    MicroBatchConsumer<> consumer{options, scene.store, [](const Batch<>&) {}};
    CHECK_THAT(error_of_run<StoreError>(consumer).what(), containing("cannot look up the dead-letter topic \"dead\""));
    CHECK_FALSE(scene.stored());
  }
}

TEST_CASE("while the brokers are away a write fails in time, and works once they are back", "[engine]") {
  MockCluster cluster;
  cluster.create_topic("dead", 1);
  KafkaDeadLetters sink{{.brokers = cluster.brokers(), .topic = "dead", .timeout = 5s}};
  REQUIRE(error_of_write(sink) == "written");
  cluster.set_down(true);
  CHECK_THAT(error_of_write(sink), containing("retryable: cannot write dead letters to topic dead"));
  cluster.set_down(false);
  CHECK(eventually([&] { return error_of_write(sink) == "written"; }, patience));
}

TEST_CASE("a letter that its topic does not take is refused for good", "[engine]") {
  MockCluster cluster;
  cluster.create_topic("dead", 1);
  KafkaDeadLetters sink{
      {.brokers = cluster.brokers(), .topic = "dead", .timeout = 5s, .kafka = {{"message.max.bytes", "1000"}}}};
  testing::BatchBuilder builder;
  builder.add({.topic = "orders", .value = std::string(2'000, 'x')});
  const auto batch = builder.build();
  const DeadLetter letter{batch[0], "billing", DeadLetterReason::rejected, "why", 1};
  CHECK_THROWS_WITH(sink.write({&letter, 1}), containing("max.message.bytes"));
  CHECK(error_of_write(sink) == "written");
}

TEST_CASE("options of the dead-letter topic that cannot work are refused", "[engine]") {
  using Options = KafkaDeadLettersOptions;
  const auto refusal = [](const Options& options) {
    try {
      KafkaDeadLetters{options};
    } catch (const ConfigError& error) {
      return std::string{error.what()};
    }
    return std::string{"accepted"};
  };
  CHECK(refusal({.brokers = "localhost:9092", .topic = "dead"}) == "accepted");
  CHECK_THAT(refusal({.brokers = "", .topic = "dead"}), containing("KafkaDeadLettersOptions::brokers"));
  CHECK_THAT(refusal({.brokers = "localhost:9092", .topic = ""}), containing("KafkaDeadLettersOptions::topic"));
  CHECK_THAT(refusal({.brokers = "localhost:9092", .topic = "dead", .timeout = 0ms}), containing("timeout"));
  CHECK_THAT(refusal({.brokers = "localhost:9092", .topic = "dead", .kafka = {{"acks", "1"}}}), containing("\"acks\""));
  const auto bad_secret =
      refusal({.brokers = "localhost:9092", .topic = "dead", .kafka = {{"nonsense.password", "hidden"}}});
  CHECK_THAT(bad_secret, containing("nonsense.password"));
  CHECK(bad_secret.find("hidden") == std::string::npos);
}
