#include <tidemark/stores/file.hpp>
#include <tidemark/stores/kafka.hpp>
#include <tidemark/stores/sqlite.hpp>

#include "integration/kafka_fixture.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace std::chrono_literals;
using namespace tidemark;
using namespace tidemark::test;

TEST_CASE("a topic that is missing at the start ends the consumer, and says what to do", "[integration]") {
  KafkaFixture kafka{0};
  RunningConsumer consumer{kafka.options(), kafka.store};
  const auto error = consumer.error_at_end();
  REQUIRE_THAT(error, containing("\"" + kafka.topic + "\" does not exist"));
  REQUIRE_THAT(error, containing("missing_topic"));
}

TEST_CASE("a topic that is missing at the start can be waited for", "[integration]") {
  KafkaFixture kafka{0};
  auto options = kafka.options();
  options.missing_topic = MissingTopicPolicy::wait;
  RunningConsumer consumer{options, kafka.store};
  const auto contacted = [&] { return consumer.journal().has_line_with("Unknown topic"); };
  consumer.await("librdkafka's word that the topic is unknown", contacted);
  kafka.admin.create_topic(kafka.topic, 2);
  kafka.fill(0, 10);
  kafka.fill(1, 10);
  consumer.await_count(20);
  consumer.await_no_lag(2);
  consumer.stop();
  REQUIRE(consumer.journal().count() == 20);
}

TEST_CASE("a topic that is deleted under a consumer does not end it, nor the reading of others", "[integration]") {
  KafkaFixture kafka;
  const auto doomed = kafka.topic + "-doomed";
  kafka.admin.create_topic(doomed);
  kafka.fill(0, 10);
  kafka.fill(doomed, 0, 10);
  auto options = kafka.options();
  options.topics = {kafka.topic, doomed};
  RunningConsumer consumer{options, kafka.store};
  consumer.await_no_lag(2);
  kafka.admin.delete_topic(doomed);
  consumer.await("the end of its assignment", [&] { return consumer.progress().size() == 1; });
  kafka.fill(0, 10, 10);
  consumer.await_count(30);
  consumer.stop();
  REQUIRE(consumer.journal().offsets(kafka.partition()) == sequence(0, 20));
  REQUIRE(kafka.stored_in(kafka.store, {doomed, 0}) == 10);
}

TEST_CASE("the topic of an explicit partition that is deleted does not end the consumer", "[integration]") {
  KafkaFixture kafka;
  const auto doomed = kafka.topic + "-doomed";
  kafka.admin.create_topic(doomed);
  kafka.fill(0, 10);
  kafka.fill(doomed, 0, 10);
  auto options = kafka.options();
  options.topics.clear();
  options.partitions = {kafka.partition(), {doomed, 0}};
  RunningConsumer consumer{options, kafka.store};
  consumer.await_no_lag(2);
  kafka.admin.delete_topic(doomed);
  // librdkafka 2.3 and newer keep it to themselves for topic.metadata.propagation.max.ms, 30 s.
  consumer.await(
      "word of the deletion", [&] { return consumer.journal().has_line_with("nknown"); }, 90s);
  kafka.fill(0, 10, 10);
  consumer.await_count(30);
  consumer.stop();
}

TEST_CASE("topics and groups with odd names that Kafka allows are kept apart", "[integration]") {
  KafkaFixture kafka{0};
  TemporaryFolder folder;
  FileOffsetStore file{folder / "offsets"};
  SqliteOffsetStore sqlite{folder / "offsets.db"};
  KafkaOffsetStore native;
  OffsetStore* store = nullptr;
  SECTION("in files") { store = &file; }
  SECTION("in SQLite") { store = &sqlite; }
  SECTION("in Kafka") { store = &native; }

  const std::string dotted = kafka.topic + ".b";
  const std::string longest = kafka.topic + std::string(249 - kafka.topic.size(), 'x');
  const std::string other_longest = longest.substr(0, 248) + 'y';
  const std::vector topics{dotted, kafka.topic, longest, other_longest};
  for (int i = 0; i < 4; ++i) {
    kafka.admin.create_topic(topics[i]);
    kafka.fill(topics[i], 0, 5 + i);
  }
  const std::vector<std::string> groups{kafka.group, kafka.group + ":b", kafka.group + "/%{}'\"\\ \xE2\x80\x8F..\n",
                                        "../" + kafka.group};
  // Each group is at another place in each topic.
  for (int i = 0; i < 4; ++i) {
    auto options = kafka.options();
    options.group = groups[i];
    options.topics = {topics[i]};
    RunningConsumer consumer{options, *store};
    consumer.await_no_lag(1);
    consumer.stop();
    REQUIRE(consumer.journal().offsets({topics[i], 0}) == sequence(0, 5 + i));
  }
  for (int i = 0; i < 4; ++i) kafka.fill(topics[i], 0, 1);
  for (int i = 0; i < 4; ++i) {
    auto options = kafka.options();
    options.group = groups[i];
    options.topics = topics;
    RunningConsumer consumer{options, *store};
    consumer.await_no_lag(4);
    consumer.stop();
    for (int j = 0; j < 4; ++j) {
      CAPTURE(i, j);
      REQUIRE(consumer.journal().offsets({topics[j], 0}) == sequence(i == j ? 5 + j : 0, 6 + j));
    }
  }
}
