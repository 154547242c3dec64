#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <tidemark/offset_store.hpp>
#include <tidemark/options.hpp>
#include <tidemark/testing/memory_offset_store.hpp>

#include "integration/running_consumer.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/kafka_admin.hpp"
#include "support/kafka_server.hpp"
#include "support/test_producer.hpp"
#include "support/unique_name.hpp"

namespace tidemark::test {

/// A topic and a group of its own on a broker, the shared one unless told otherwise, and a store in memory.
class KafkaFixture {
 public:
  explicit KafkaFixture(int partitions = 1, const std::map<std::string, std::string>& topic_config = {})
      : KafkaFixture{KafkaServer::shared().brokers(), partitions, topic_config} {}
  KafkaFixture(const std::string& its_brokers, int partitions,
               const std::map<std::string, std::string>& topic_config = {})
      : brokers{its_brokers} {
    if (partitions > 0) admin.create_topic(topic, partitions, topic_config);
  }

  const std::string brokers;
  const std::string topic = unique_name("topic");
  const std::string group = unique_name("group");
  testing::MemoryOffsetStore store;
  KafkaAdmin admin{brokers};
  TestProducer producer{brokers};

  void grow(int partitions) {
    admin.grow_topic(topic, partitions);
    grown_producer_.emplace(brokers);  // the old one has yet to learn of them
  }

  TopicPartition partition(std::int32_t number = 0) const { return {topic, number}; }

  ConsumerOptions options() const {
    ConsumerOptions options;
    options.brokers = brokers;
    options.group = group;
    options.topics = {topic};
    options.batch.max_records = 100;
    options.batch.max_wait = std::chrono::milliseconds{5};
    // New topics and partitions are noticed soon, and a member that is gone is given up soon.
    options.kafka = {{"topic.metadata.refresh.interval.ms", "200"},
                     {"session.timeout.ms", "6000"},
                     {"heartbeat.interval.ms", "300"},
                     {"reconnect.backoff.max.ms", "500"}};
    return options;
  }

  /// Writes `count` records to the partition; the values count from `first`.
  void fill(std::int32_t number, int count, int first = 0) { fill(topic, number, count, first); }
  void fill(const std::string& other, std::int32_t number, int count, int first = 0) {
    auto& writer = grown_producer_ ? *grown_producer_ : producer;
    for (int i = first; i < first + count; ++i) writer.produce(other, number, "key", std::to_string(i));
    writer.flush();
  }

  std::optional<std::int64_t> stored(std::int32_t number = 0) { return stored_in(store, partition(number)); }
  std::optional<std::int64_t> stored_in(OffsetStore& other, const TopicPartition& partition) const {
    return other.load({group}, {&partition, 1}).front();
  }

 private:
  std::optional<TestProducer> grown_producer_;
};

/// first, first + 1, … until - 1.
inline std::vector<std::int64_t> sequence(std::int64_t first, std::int64_t until) {
  std::vector<std::int64_t> numbers;
  for (auto i = first; i < until; ++i) numbers.push_back(i);
  return numbers;
}

/// The batches of each partition must form a chain, and the commits too: `until` of one is `from` of the next.
inline void require_unbroken_chains(const Journal& journal) {
  std::map<TopicPartition, std::int64_t> ends;
  for (const auto& range : journal.commits()) {
    const auto [end, is_first] = ends.try_emplace(range.partition, range.from);
    INFO("commits of " << text_of(range.partition));
    REQUIRE(range.from == end->second);
    REQUIRE(range.until >= range.from);
    end->second = range.until;
  }
}

}  // namespace tidemark::test
