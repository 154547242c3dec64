#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <librdkafka/rdkafka.h>

#include <tidemark/error.hpp>
#include <tidemark/testing/embedded_broker.hpp>

#include "kafka/handles.hpp"
#include "kafka/partition_list.hpp"
#include "support/catch.hpp"

using namespace tidemark;
using namespace tidemark::testing;
using namespace std::chrono_literals;

namespace {

using Clock = std::chrono::steady_clock;
constexpr auto patience = 30s;

/// A librdkafka consumer without anything of tidemark's.
class PlainConsumer {
 public:
  PlainConsumer(const EmbeddedBroker& broker, const std::string& group) {
    kafka::ConfHandle conf{rd_kafka_conf_new()};
    const std::map<std::string, std::string> properties{{"bootstrap.servers", broker.brokers()},
                                                        {"group.id", group},
                                                        {"enable.auto.commit", "false"},
                                                        {"auto.offset.reset", "earliest"},
                                                        {"session.timeout.ms", "3000"},
                                                        {"heartbeat.interval.ms", "100"},
                                                        {"fetch.wait.max.ms", "10"}};
    char why[256];
    for (const auto& [name, value] : properties)
      REQUIRE(rd_kafka_conf_set(conf.get(), name.c_str(), value.c_str(), why, sizeof why) == RD_KAFKA_CONF_OK);
    client_.reset(rd_kafka_new(RD_KAFKA_CONSUMER, conf.release(), why, sizeof why));
    REQUIRE(client_);
    rd_kafka_poll_set_consumer(client_.get());
  }
  ~PlainConsumer() { rd_kafka_consumer_close(client_.get()); }

  void subscribe(const std::string& topic) {
    const TopicPartition any{topic, RD_KAFKA_PARTITION_UA};
    REQUIRE(rd_kafka_subscribe(client_.get(), kafka::partition_list({&any, 1}).get()) == RD_KAFKA_RESP_ERR_NO_ERROR);
  }

  void assign(const TopicPartition& partition) {
    auto list = kafka::partition_list({&partition, 1});
    list->elems[0].offset = 0;
    REQUIRE(rd_kafka_assign(client_.get(), list.get()) == RD_KAFKA_RESP_ERR_NO_ERROR);
  }

  /// The next `count` records.
  std::vector<kafka::MessageHandle> read(std::size_t count) {
    std::vector<kafka::MessageHandle> records;
    for (const auto end = Clock::now() + patience; records.size() < count && Clock::now() < end;) {
      kafka::MessageHandle message{rd_kafka_consumer_poll(client_.get(), 100)};
      if (message && !message->err) records.push_back(std::move(message));
    }
    REQUIRE(records.size() == count);
    return records;
  }

  /// The first `count` assigned partitions.
  std::size_t wait_for_assignment(std::size_t count) {
    std::size_t assigned = 0;
    for (const auto end = Clock::now() + patience; assigned != count && Clock::now() < end;) {
      kafka::MessageHandle{rd_kafka_consumer_poll(client_.get(), 50)};
      assigned = this->assigned();
    }
    return assigned;
  }
  std::size_t assigned() {
    rd_kafka_topic_partition_list_t* list = nullptr;
    rd_kafka_assignment(client_.get(), &list);
    return static_cast<std::size_t>(kafka::PartitionListHandle { list } -> cnt);
  }
  void poll() { kafka::MessageHandle{rd_kafka_consumer_poll(client_.get(), 50)}; }

  void commit(const TopicPartition& partition, std::int64_t next) {
    auto list = kafka::partition_list({&partition, 1});
    list->elems[0].offset = next;
    REQUIRE(rd_kafka_commit(client_.get(), list.get(), 0) == RD_KAFKA_RESP_ERR_NO_ERROR);
  }
  std::int64_t committed(const TopicPartition& partition) {
    auto list = kafka::partition_list({&partition, 1});
    REQUIRE(rd_kafka_committed(client_.get(), list.get(), 10'000) == RD_KAFKA_RESP_ERR_NO_ERROR);
    return list->elems[0].offset;
  }

 private:
  std::unique_ptr<rd_kafka_t, kafka::FreeWith<rd_kafka_destroy>> client_;
};

std::string text(const void* data, std::size_t size) { return {static_cast<const char*>(data), size}; }

std::string value_of(const kafka::MessageHandle& message) { return text(message->payload, message->len); }

}  // namespace

TEST_CASE("a plain client reads from the embedded broker what was produced", "[unit]") {
  EmbeddedBroker broker{{.topics = {{"flights", 2}}}};
  const std::chrono::system_clock::time_point at{1'356'998'400'123ms};
  broker.produce({.topic = "flights",
                  .partition = 1,
                  .key = "AA",
                  .value = "late",
                  .headers = {{"trace", "1"}, {"none", std::nullopt}},
                  .timestamp = at});
  broker.produce({.topic = "flights", .partition = 1});
  broker.produce({.topic = "flights", .partition = 1, .key = "", .value = ""});
  broker.flush();

  PlainConsumer consumer{broker, "reader"};
  consumer.assign({"flights", 1});
  const auto records = consumer.read(3);
  CHECK(value_of(records[0]) == "late");
  CHECK(text(records[0]->key, records[0]->key_len) == "AA");
  rd_kafka_timestamp_type_t type{};
  CHECK(rd_kafka_message_timestamp(records[0].get(), &type) == 1'356'998'400'123);
  rd_kafka_headers_t* headers = nullptr;
  REQUIRE(rd_kafka_message_headers(records[0].get(), &headers) == RD_KAFKA_RESP_ERR_NO_ERROR);
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  REQUIRE(rd_kafka_header_get_all(headers, 0, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR);
  CHECK(std::string{name} == "trace");
  CHECK(text(value, size) == "1");
  REQUIRE(rd_kafka_header_get_all(headers, 1, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR);
  CHECK(value == nullptr);
  CHECK(records[1]->key == nullptr);
  CHECK(records[1]->payload == nullptr);
  CHECK(records[2]->key != nullptr);
  CHECK(records[2]->payload != nullptr);
  CHECK(records[2]->len == 0);
  CHECK(records[2]->offset == 2);
}

TEST_CASE("records with the same key go to the same partition, in order", "[unit]") {
  EmbeddedBroker broker{{.topics = {{"flights", 4}}}};
  for (int i = 0; i < 200; ++i) {
    const auto key = "carrier " + std::to_string(i % 10);
    const auto value = std::to_string(i);
    broker.produce({.topic = "flights", .key = key, .value = value});
  }
  broker.flush();

  PlainConsumer consumer{broker, "reader"};
  consumer.subscribe("flights");
  std::map<std::string, std::int32_t> partition_of;
  std::map<std::string, int> last;
  std::set<std::int32_t> used;
  for (const auto& record : consumer.read(200)) {
    const auto key = text(record->key, record->key_len);
    CHECK(partition_of.emplace(key, record->partition).first->second == record->partition);
    const auto number = std::stoi(value_of(record));
    if (last.contains(key)) CHECK(last[key] < number);
    last[key] = number;
    used.insert(record->partition);
  }
  CHECK(last.size() == 10);
  CHECK(used.size() > 1);
}

TEST_CASE("groups of the embedded broker keep committed offsets and share partitions", "[unit]") {
  EmbeddedBroker broker{{.topics = {{"flights", 4}}}};
  PlainConsumer first{broker, "billing"};
  first.subscribe("^fli.*");
  CHECK(first.wait_for_assignment(4) == 4);
  first.commit({"flights", 2}, 7);
  CHECK(first.committed({"flights", 2}) == 7);
  CHECK(first.committed({"flights", 3}) == RD_KAFKA_OFFSET_INVALID);

  PlainConsumer second{broker, "billing"};
  second.subscribe("flights");
  std::size_t both = 0;
  for (const auto end = Clock::now() + patience; both != 4 && Clock::now() < end;) {
    first.poll();
    second.poll();
    both = first.assigned() == 2 && second.assigned() == 2 ? 4 : 0;
  }
  CHECK(both == 4);
  CHECK(second.committed({"flights", 2}) == 7);
}

TEST_CASE("several brokers, and topics that are added later", "[unit]") {
  EmbeddedBroker broker{{.brokers = 3}};
  CHECK(std::ranges::count(broker.brokers(), ',') == 2);
  broker.create_topic("later", 1);
  broker.produce({.topic = "later", .value = "here"});
  broker.flush();
  PlainConsumer consumer{broker, "reader"};
  consumer.assign({"later", 0});
  CHECK(value_of(consumer.read(1).front()) == "here");
}

TEST_CASE("what the embedded broker can't take is an error with a reason", "[unit]") {
  EmbeddedBroker broker{{.topics = {{"flights", 2}}}};
  CHECK_THROWS_AS(broker.create_topic("flights", 2), KafkaError);
  CHECK_THROWS_AS((EmbeddedBroker{{.brokers = 0}}), ConfigError);

  const auto produce_to_partition_9 = [&] {
    broker.produce({.topic = "flights", .partition = 9, .value = "lost"});
    broker.flush();
  };
  CHECK_THROWS_AS(produce_to_partition_9(), KafkaError);
  const std::string huge(2'000'000, 'x');
  CHECK_THROWS_AS(broker.produce({.topic = "flights", .value = huge}), KafkaError);
  broker.produce({.topic = "flights", .partition = 1, .value = "kept"});
  CHECK_NOTHROW(broker.flush());
}

TEST_CASE("two embedded brokers do not know of each other", "[unit]") {
  EmbeddedBroker one{{.topics = {{"flights", 1}}}};
  EmbeddedBroker other{{.topics = {{"flights", 1}}}};
  CHECK(one.brokers() != other.brokers());
  other.produce({.topic = "flights", .partition = 0, .value = "other's"});
  one.produce({.topic = "flights", .partition = 0, .value = "one's"});
  one.flush();
  other.flush();
  PlainConsumer consumer{one, "reader"};
  consumer.assign({"flights", 0});
  CHECK(value_of(consumer.read(1).front()) == "one's");
}
