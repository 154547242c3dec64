
#include "integration/kafka_fixture.hpp"
#include "support/catch.hpp"
#include "support/free_port.hpp"

using namespace std::chrono_literals;
using namespace tidemark;
using namespace tidemark::test;

TEST_CASE("a broker that is killed and comes back in the middle costs no record", "[integration]") {
  KafkaServer server;
  KafkaFixture kafka{server.brokers(), 3};
  for (int partition = 0; partition < 3; ++partition) kafka.fill(partition, 500);
  auto options = kafka.options();
  options.batch.max_records = 20;
  RunningConsumer consumer{options, kafka.store};
  consumer.await_count(100);
  server.kill();
  server.start();
  for (int partition = 0; partition < 3; ++partition) kafka.fill(partition, 100, 500);
  const auto all_committed = [&] { return kafka.stored(0) == 600 && kafka.stored(1) == 600 && kafka.stored(2) == 600; };
  consumer.await("everything committed", all_committed, 60s);
  consumer.stop();
  for (int partition = 0; partition < 3; ++partition)
    REQUIRE((consumer.journal().offsets(kafka.partition(partition)) == sequence(0, 600)));
  require_unbroken_chains(consumer.journal());
}

TEST_CASE("a consumer can be stopped while the broker is away", "[integration]") {
  KafkaServer server;
  KafkaFixture kafka{server.brokers(), 1};
  kafka.fill(0, 100);
  auto options = kafka.options();
  options.stop_timeout = 2s;
  RunningConsumer consumer{options, kafka.store};
  consumer.await_no_lag(1);
  server.kill();
  consumer.stop();
  REQUIRE(kafka.stored() == 100);
}

TEST_CASE("a broker that can't be reached at the start ends the consumer, and says what to check", "[integration]") {
  ConsumerOptions options;
  options.brokers = "127.0.0.1:" + std::to_string(free_port());
  options.group = "nobody";
  options.topics = {"nothing"};
  options.connect_timeout = 1s;
  testing::MemoryOffsetStore store;
  RunningConsumer consumer{options, store};
  const auto error = consumer.error_at_end();
  REQUIRE_THAT(error, containing(options.brokers));
  REQUIRE_THAT(error, containing("refused"));
  REQUIRE_THAT(error, containing("ConsumerOptions::brokers"));
}

TEST_CASE("a broker that comes up a little later than the consumer is waited for", "[integration]") {
  KafkaServer server;
  KafkaFixture kafka{server.brokers(), 1};
  kafka.fill(0, 100);
  server.kill();
  RunningConsumer consumer{kafka.options(), kafka.store};
  server.start();
  consumer.await_count(100);
  consumer.await_no_lag(1);
  consumer.stop();
}
