#include "support/kafka_server.hpp"

#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/kafka_admin.hpp"
#include "support/test_producer.hpp"
#include "support/unique_name.hpp"

using namespace std::chrono_literals;
using namespace tidemark::test;

TEST_CASE("delivered offsets come back in the order produced, partition by partition", "[integration]") {
  const auto brokers = KafkaServer::shared().brokers();
  KafkaAdmin admin{brokers};
  const auto topic = unique_name("offsets");
  admin.create_topic(topic, 2);
  TestProducer producer{brokers};
  producer.produce(topic, 0, "a", "1");
  producer.produce(topic, 1, std::nullopt, std::nullopt);
  producer.produce({.topic = topic, .partition = 0, .value = "2", .headers = {{"h", "x"}, {"null", std::nullopt}}});
  CHECK(producer.flush() == std::vector<std::int64_t>{0, 0, 1});
  producer.produce(topic, 0, "a", "3");
  CHECK(producer.flush() == std::vector<std::int64_t>{2});
  CHECK(admin.end_offset(topic, 0) == 3);
  CHECK(admin.end_offset(topic, 1) == 1);
}

TEST_CASE("every codec is accepted by the broker", "[integration]") {
  const auto brokers = KafkaServer::shared().brokers();
  KafkaAdmin admin{brokers};
  const auto topic = unique_name("codecs");
  admin.create_topic(topic);
  for (const std::string codec : {"none", "gzip", "snappy", "lz4", "zstd"}) {
    TestProducer producer{brokers, {{"compression.codec", codec}}};
    producer.produce(topic, 0, codec, std::string(1000, 'x'));
    producer.flush();
  }
  CHECK(admin.end_offset(topic, 0) == 5);
}

TEST_CASE("a commit and an abort each leave a marker, which takes an offset", "[integration]") {
  const auto brokers = KafkaServer::shared().brokers();
  KafkaAdmin admin{brokers};
  const auto topic = unique_name("transactions");
  admin.create_topic(topic);
  TestProducer producer{brokers, {{"transactional.id", topic}}};
  producer.begin();
  producer.produce(topic, 0, "a", "kept");
  CHECK(producer.commit() == std::vector<std::int64_t>{0});
  producer.begin();
  producer.produce(topic, 0, "a", "dropped");
  CHECK(producer.abort() == std::vector<std::int64_t>{2});
  CHECK(eventually([&] { return admin.end_offset(topic, 0) == 4; }));
}

TEST_CASE("topics shrink from their beginning, grow, and go", "[integration]") {
  const auto brokers = KafkaServer::shared().brokers();
  KafkaAdmin admin{brokers};
  const auto topic = unique_name("life");
  admin.create_topic(topic, 1, {{"cleanup.policy", "compact"}});
  CHECK_THROWS_WITH(admin.create_topic(topic), containing("already exists"));
  admin.delete_topic(topic);
  admin.create_topic(topic);
  TestProducer producer{brokers};
  for (int i = 0; i < 10; ++i) producer.produce(topic, 0, "k", "v");
  producer.flush();
  admin.delete_records(topic, 0, 7);
  CHECK(admin.begin_offset(topic, 0) == 7);
  admin.grow_topic(topic, 3);
  CHECK(admin.end_offset(topic, 2) == 0);
}

TEST_CASE("a group that never committed has no offset", "[integration]") {
  KafkaAdmin admin{KafkaServer::shared().brokers()};
  const auto topic = unique_name("group");
  admin.create_topic(topic);
  CHECK(admin.committed_offset(topic, topic, 0) == std::nullopt);
}

TEST_CASE("a topic that was not created stays unknown", "[integration]") {
  KafkaAdmin admin{KafkaServer::shared().brokers()};
  CHECK_THROWS_WITH(admin.end_offset(unique_name("nowhere"), 0), containing("Unknown"));
}

TEST_CASE("a killed broker comes back with its records under the same address", "[integration]") {
  KafkaServer server;
  KafkaAdmin admin{server.brokers()};
  admin.create_topic("kept");
  TestProducer producer{server.brokers()};
  producer.produce("kept", 0, "k", "v");
  producer.flush();
  server.kill();
  CHECK_FALSE(KafkaAdmin{server.brokers()}.is_cluster_ready(300ms));
  server.start();
  producer.produce("kept", 0, "k", "after");
  CHECK(producer.flush() == std::vector<std::int64_t>{1});
  CHECK(admin.end_offset("kept", 0) == 2);
}

TEST_CASE("a frozen broker is silent until it is thawed", "[integration]") {
  KafkaServer server;
  server.freeze();
  KafkaAdmin admin{server.brokers()};
  CHECK_FALSE(admin.is_cluster_ready(300ms));
  server.thaw();
  CHECK(eventually([&] { return admin.is_cluster_ready(1s); }));
}

TEST_CASE("a broker that can't start says why", "[integration]") {
  CHECK_THROWS_WITH(KafkaServer(KafkaServer::Properties{{"num.io.threads", "none"}}), containing("num.io.threads"));
}
