#include <tidemark/error.hpp>
#include <tidemark/micro_batch_consumer.hpp>

#include "engine/mock_cluster.hpp"
#include "engine/scene.hpp"
#include "support/catch.hpp"
#include "support/free_port.hpp"

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;

namespace {

const std::string canary = "canary-4711";

void ignore(const Batch<>&) {}

std::string refusal(const ConsumerOptions& options) {
  testing::MemoryOffsetStore store;
  try {
    const MicroBatchConsumer<> consumer{options, store, ignore};
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "accepted";
}

/// Nobody listens there.
ConsumerOptions unreachable() {
  ConsumerOptions options;
  options.brokers = "127.0.0.1:" + std::to_string(free_port());
  options.group = "billing";
  options.topics = {"orders"};
  options.connect_timeout = 50ms;
  return options;
}

ConsumerOptions options_for(const MockCluster& cluster) {
  auto options = unreachable();
  options.brokers = cluster.brokers();
  options.connect_timeout = 30s;
  options.batch.max_wait = 20ms;
  options.kafka = {{"topic.metadata.refresh.interval.ms", "50"}, {"reconnect.backoff.max.ms", "100"}};
  return options;
}

}  // namespace

TEST_CASE("options that cannot work are refused where the consumer is made", "[engine]") {
  auto options = unreachable();
  SECTION("a property that librdkafka does not know") {
    options.kafka = {{"sesion.timeout.ms", "6000"}};
    CHECK_THAT(refusal(options), containing("no property \"sesion.timeout.ms\""));
  }
  SECTION("a property that tidemark sets itself") {
    options.kafka = {{"enable.auto.commit", "true"}};
    CHECK_THAT(refusal(options), containing("\"enable.auto.commit\" belongs to tidemark"));
  }
  SECTION("nothing to read") {
    options.topics.clear();
    CHECK_THAT(refusal(options), containing("ConsumerOptions::topics"));
  }
}

TEST_CASE("properties that librdkafka refuses together end run() with its reason", "[engine]") {
  auto options = unreachable();
  options.kafka = {{"session.timeout.ms", "6000"}, {"max.poll.interval.ms", "5000"}};
  testing::MemoryOffsetStore store;
  MicroBatchConsumer<> consumer{options, store, ignore};
  CHECK_THAT(error_of_run<ConfigError>(consumer).what(), containing("max.poll.interval.ms"));
}

TEST_CASE("a cluster that cannot be reached is a KafkaError with its address, the cause and the option", "[engine]") {
  const auto options = unreachable();
  testing::MemoryOffsetStore store;
  MicroBatchConsumer<> consumer{options, store, ignore};
  const auto error = error_of_run<KafkaError>(consumer);
  CHECK_THAT(error.what(), containing(options.brokers));
  CHECK_THAT(error.what(), containing("Connection refused"));
  CHECK_THAT(error.what(), containing("ConsumerOptions::brokers"));
  CHECK_THAT(error.what(), containing("connect_timeout"));
}

TEST_CASE("a topic that does not exist is a KafkaError that says what to do", "[engine]") {
  MockCluster cluster;
  cluster.hide_topic("orders", true);
  testing::MemoryOffsetStore store;
  MicroBatchConsumer<> consumer{options_for(cluster), store, ignore};
  const auto error = error_of_run<KafkaError>(consumer);
  CHECK(error.code() == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
  CHECK_THAT(error.what(), containing("topic \"orders\" does not exist"));
  CHECK_THAT(error.what(), containing("missing_topic"));
}

TEST_CASE("a topic that does not exist yet is waited for when told so", "[engine]") {
  MockCluster cluster;
  cluster.hide_topic("orders", true);
  testing::MemoryOffsetStore store;
  auto options = options_for(cluster);
  options.missing_topic = MissingTopicPolicy::wait;
  // The mock leaves a join that meets another one half-way unanswered until the session is over.
  options.kafka["session.timeout.ms"] = "3000";
  options.kafka["heartbeat.interval.ms"] = "100";
  const auto observer = std::make_shared<RecordingObserver>();
  options.observer = observer;
  MicroBatchConsumer<> consumer{options, store, ignore};
  Running running{consumer};
  const auto has_partitions = [&] { return !consumer.progress().empty(); };
  REQUIRE(
      eventually([&] { return !observer->heard().rebalances.empty() || !observer->heard().errors.empty(); }, patience));
  CHECK_FALSE(has_partitions());
  cluster.create_topic("orders", 2);
  cluster.hide_topic("orders", false);
  CHECK(eventually(has_partitions, patience));
  CHECK_NOTHROW(running.stop());
}

TEST_CASE("topics given before run() are the ones that must exist", "[engine]") {
  MockCluster cluster;
  cluster.create_topic("payments", 1);
  cluster.hide_topic("orders", true);
  testing::MemoryOffsetStore store;
  SECTION("those of the options are not looked at any more") {
    auto options = options_for(cluster);
    options.kafka["session.timeout.ms"] = "3000";
    options.kafka["heartbeat.interval.ms"] = "100";
    MicroBatchConsumer<> consumer{options, store, ignore};
    consumer.subscribe({"payments"});
    Running running{consumer};
    CHECK(eventually([&] { return !consumer.progress().empty(); }, patience));
    CHECK_NOTHROW(running.stop());
  }
  SECTION("nor are those that were given in between") {
    auto options = options_for(cluster);
    options.topics = {"payments"};
    MicroBatchConsumer<> consumer{options, store, ignore};
    consumer.subscribe({"payments"});
    consumer.subscribe({"payments", "orders"});
    CHECK_THAT(error_of_run<KafkaError>(consumer).what(), containing("topic \"orders\" does not exist"));
  }
}

TEST_CASE("subscribe() refuses what the constructor refuses, before run() and while running", "[engine]") {
  Scene scene;
  MicroBatchConsumer<> consumer{scene.member_options(), scene.store, std::ref(scene.handled)};
  const auto refusal = [&](std::vector<std::string> topics) -> std::string {
    try {
      consumer.subscribe(std::move(topics));
    } catch (const ConfigError& error) {
      return error.what();
    }
    return "accepted";
  };
  const auto check = [&] {
    CHECK_THAT(refusal({}), containing("no topic is given"));
    CHECK_THAT(refusal({"orders", ""}), containing("subscribe() names an empty topic"));
    CHECK_THAT(refusal({"orders", "^p", "orders"}), containing("subscribe() names \"orders\" twice"));
    CHECK_THAT(refusal({"^orders("}), containing("subscribe(): \"^orders(\" is not a valid regular expression"));
    CHECK_THAT(refusal({"orders,payments"}), containing("subscribe(): \"orders,payments\" is not a valid topic name"));
  };
  check();
  scene.produce(0, 1);
  Running running{consumer};
  REQUIRE(scene.reaches(1));
  check();
  scene.produce(0, 1);
  CHECK(scene.reaches(2));
  CHECK_NOTHROW(running.stop());
}

TEST_CASE("an explicit partition that does not exist is a KafkaError that counts those that do", "[engine]") {
  Scene scene;
  auto options = scene.options();
  options.partitions = {Scene::orders(3)};
  MicroBatchConsumer<> consumer{options, scene.store, ignore};
  const auto error = error_of_run<KafkaError>(consumer);
  CHECK_THAT(error.what(), containing("orders [3] does not exist: the topic has 3"));
  CHECK_THAT(error.what(), containing("ConsumerOptions::partitions"));
}

TEST_CASE("a regular expression may match nothing, and what it matches later is read", "[engine]") {
  Scene scene;
  auto options = scene.member_options();
  options.topics = {"^later-.*"};
  options.kafka["topic.metadata.refresh.interval.ms"] = "50";
  MicroBatchConsumer<> consumer{options, scene.store, std::ref(scene.handled)};
  Running running{consumer};
  scene.broker.create_topic("later-1", 1);
  scene.broker.produce({.topic = "later-1", .partition = 0, .value = "here"});
  scene.broker.produce({.topic = "orders", .partition = 0, .value = "not asked for"});
  scene.broker.flush();
  REQUIRE(scene.handled.reaches(1));
  running.stop();
  CHECK(scene.handled.offsets({"later-1", 0}) == offsets_between(0, 1));
  CHECK(scene.handled.count() == 1);
}

TEST_CASE("a cluster that is gone for a while is waited for", "[engine]") {
  MockCluster cluster;
  cluster.create_topic("orders", 1);
  testing::MemoryOffsetStore store;
  auto options = options_for(cluster);
  options.topics.clear();
  options.partitions = {{"orders", 0}};
  const auto observer = std::make_shared<RecordingObserver>();
  options.observer = observer;
  MicroBatchConsumer<> consumer{options, store, ignore};
  Running running{consumer};
  const auto is_at_end = [&] {
    const auto progress = consumer.progress();
    return progress.size() == 1 && progress.front().end == 0;
  };
  REQUIRE(eventually(is_at_end, patience));
  cluster.set_down(true);
  REQUIRE(eventually([&] { return !observer->heard().errors.empty(); }, patience));
  SECTION("and comes back") { cluster.set_down(false); }
  SECTION("and a stop does not wait for it") {}
  CHECK_NOTHROW(running.stop());
}

TEST_CASE("credentials are in no error, log or event, however much librdkafka tells", "[engine]") {
  auto options = unreachable();
  options.connect_timeout = 200ms;
  const auto observer = std::make_shared<RecordingObserver>();
  options.observer = observer;
  options.kafka = {{"security.protocol", "SASL_PLAINTEXT"},
                   {"sasl.mechanisms", "PLAIN"},
                   {"sasl.username", "ada"},
                   {"sasl.password", canary},
                   {"ssl.key.password", canary + "-key"},
                   {"debug", "all"}};
  testing::MemoryOffsetStore store;
  std::string text;
  try {
    MicroBatchConsumer<> consumer{options, store, ignore};
    Running{consumer}.join();
  } catch (const Error& error) {
    text = error.what();
  }
  CHECK_FALSE(text.empty());
  CHECK_THAT(text, !containing(canary));
  const auto heard = observer->heard();
  CHECK(heard.logs.size() > 10);  // else there was nothing to look at
  CHECK_FALSE(heard.errors.empty());
  for (const auto& log : heard.logs) CHECK(log.find(canary) == std::string::npos);
  for (const auto& error : heard.errors) CHECK(error.find(canary) == std::string::npos);
}

TEST_CASE("credentials are in no refusal", "[engine]") {
  auto options = unreachable();
  SECTION("of a property that does not exist") { options.kafka = {{"sasl.pasword", canary}}; }
  SECTION("of a key that cannot be read") {
    options.kafka = {{"security.protocol", "ssl"}, {"ssl.key.pem", canary}, {"ssl.key.password", canary}};
  }
  SECTION("of a keystore that does not exist") {
    options.kafka = {
        {"security.protocol", "ssl"}, {"ssl.keystore.location", "/nowhere"}, {"ssl.keystore.password", canary}};
  }
  std::string text;
  try {
    testing::MemoryOffsetStore store;
    MicroBatchConsumer<> consumer{options, store, ignore};
    consumer.run();
  } catch (const ConfigError& error) {
    text = error.what();
  }
  CHECK_FALSE(text.empty());
  CHECK_THAT(text, !containing(canary));
}
