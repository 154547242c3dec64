#include <tidemark/stores/kafka.hpp>

#include <atomic>
#include <chrono>
#include <thread>

#include <librdkafka/rdkafka.h>

#include <tidemark/error.hpp>

#include "integration/kafka_store_fixture.hpp"
#include "kafka/handles.hpp"
#include "support/kafka_client.hpp"
#include "support/store_error.hpp"

using namespace tidemark;
using namespace tidemark::test;

namespace {

using Offsets = std::vector<std::optional<std::int64_t>>;

}  // namespace

TEST_CASE("what a member commits Kafka's own tools see, and every other member", "[integration]") {
  KafkaStoreFixture kafka{3};
  KafkaOffsetStore store{{.metadata = "by tidemark"}};
  PlainMember member{kafka.brokers, kafka.group, kafka.topic};
  kafka.await_partitions(member, 3);

  commit(store, member.session(), {{kafka.partition(1), 0, 21}, {kafka.partition(0), 0, 10}});

  const std::vector<TopicPartition> asked{kafka.partition(1), kafka.partition(2), kafka.partition(0)};
  CHECK(store.load(member.session(), asked) == Offsets{21, std::nullopt, 10});
  CHECK(KafkaOffsetStore{kafka.connected()}.load(kafka.no_consumer(), asked) == Offsets{21, std::nullopt, 10});
  CHECK(kafka.committed(1) == 21);
  CHECK(kafka.committed(2) == std::nullopt);
}

TEST_CASE("several workers commit at once through one consumer", "[integration]") {
  constexpr std::int32_t workers = 4;
  constexpr std::int64_t commits = 50;
  KafkaStoreFixture kafka{workers};
  KafkaOffsetStore store;
  PlainMember member{kafka.brokers, kafka.group, kafka.topic};
  kafka.await_partitions(member, workers);

  std::atomic<int> failures = 0;
  {
    std::vector<std::jthread> threads;
    for (std::int32_t worker = 0; worker < workers; ++worker)
      threads.emplace_back([&, worker] {
        for (std::int64_t next = 0; next < commits; ++next) {
          const OffsetRange range{kafka.partition(worker), next, next + 1};
          if (store_error_of([&] { store.commit(member.session(), std::span{&range, 1}); })) ++failures;
        }
      });
  }
  CHECK(failures == 0);
  for (std::int32_t worker = 0; worker < workers; ++worker) CHECK(kafka.committed(worker) == commits);
}

TEST_CASE("many partitions go through one commit", "[integration]") {
  constexpr std::int32_t count = 500;
  KafkaStoreFixture kafka{count};
  KafkaOffsetStore store;
  PlainMember member{kafka.brokers, kafka.group, kafka.topic};
  kafka.await_partitions(member, count);

  std::vector<OffsetRange> ranges;
  std::vector<TopicPartition> asked;
  Offsets expected;
  for (std::int32_t i = count - 1; i >= 0; --i) {
    ranges.push_back({kafka.partition(i), 0, i + 1});
    asked.push_back(kafka.partition(i));
    expected.emplace_back(i + 1);
  }
  commit(store, member.session(), ranges);
  CHECK(store.load(member.session(), asked) == expected);
  CHECK(kafka.committed(7) == 8);
}

TEST_CASE("a partition that does not exist is named in the error, and the others have moved", "[integration]") {
  KafkaStoreFixture kafka;
  const auto missing = unique_name("never-made");
  const std::vector<OffsetRange> ranges{{kafka.partition(), 0, 5}, {{missing, 3}, 0, 5}};

  SECTION("through a consumer") {
    KafkaOffsetStore store;
    PlainMember member{kafka.brokers, kafka.group, ""};
    member.assign(kafka.partition());
    // Start positions, for no consumer can be assigned what does not exist.
    const std::vector<OffsetRange> positions{{kafka.partition(), 5, 5}, {{missing, 3}, 5, 5}};
    const auto error = store_error_of([&] { store.commit(member.session(), positions); });
    CHECK(says(error, missing + " [3]", "create the topic"));
    CHECK_FALSE(error->is_retryable());
  }
  SECTION("without one") {
    KafkaOffsetStore store{kafka.connected()};
    const auto error = store_error_of([&] { store.commit(kafka.no_consumer(), ranges); });
    CHECK(says(error, missing + " [3]", "create the topic"));
    CHECK_FALSE(error->is_retryable());
  }
  CHECK(kafka.committed() == 5);
}

TEST_CASE("a start position does not move what another member has stored", "[integration]") {
  KafkaStoreFixture kafka{2};
  KafkaOffsetStore store;
  PlainMember member{kafka.brokers, kafka.group, kafka.topic};
  kafka.await_partitions(member, 2);
  const std::vector<OffsetRange> starts{{kafka.partition(0), 100, 100}, {kafka.partition(1), 100, 100}};
  commit(store, member.session(), starts);
  commit(store, member.session(), starts);
  commit(store, member.session(), {{kafka.partition(1), 100, 150}});
  CHECK(store.commit(member.session(), starts) == Conflict{kafka.partition(1), 150});
  CHECK(kafka.committed(0) == 100);
  CHECK(kafka.committed(1) == 150);
}

TEST_CASE("metadata that the broker finds too long is refused with the option's name", "[integration]") {
  KafkaStoreFixture kafka;
  KafkaOffsetStore store{{.brokers = kafka.brokers, .metadata = std::string(5'000, 'x')}};
  const OffsetRange range{kafka.partition(), 0, 5};
  const auto error = store_error_of([&] { store.commit(kafka.no_consumer(), std::span{&range, 1}); });
  CHECK(says(error, "KafkaOffsetStoreOptions::metadata", "offset.metadata.max.bytes"));
  CHECK_FALSE(error->is_retryable());
  CHECK(kafka.committed() == std::nullopt);
}

TEST_CASE("cooperative rebalancing is refused where librdkafka could lose the assignment", "[integration]") {
  KafkaStoreFixture kafka;
  KafkaOffsetStore store;
  PlainMember member{
      kafka.brokers, kafka.group, kafka.topic, {{"partition.assignment.strategy", "cooperative-sticky"}}};
  kafka.await_partitions(member, 1);
  const auto use = [&] {
    load(store, member.session(), kafka.partition());
    commit(store, member.session(), {{kafka.partition(), 0, 10}});
  };
  if (rd_kafka_version() >= 0x020a0000) {
    use();
    CHECK(kafka.committed() == 10);
    return;
  }
  const auto error = store_error_of(use);
  CHECK(says(error, "partition.assignment.strategy=range,roundrobin", "2.10.0"));
  CHECK_FALSE(error->is_retryable());
  CHECK(store_error_of([&] { commit(store, member.session(), {{kafka.partition(), 0, 10}}); }));
  CHECK(kafka.committed() == std::nullopt);
}

TEST_CASE("the catalog does not change a group with members, and says so", "[integration]") {
  KafkaStoreFixture kafka;
  KafkaOffsetStore store{kafka.connected()};
  const auto partition = kafka.partition();
  const StoredOffset elsewhere{partition, 3};
  {
    PlainMember member{kafka.brokers, kafka.group, kafka.topic};
    kafka.await_partitions(member, 1);
    commit(store, member.session(), {{partition, 0, 10}});

    const auto overwritten = store_error_of([&] { store.overwrite(kafka.group, std::span{&elsewhere, 1}); });
    CHECK(says(overwritten, kafka.group, "stop all its consumers first"));
    CHECK_FALSE(overwritten->is_retryable());
    const auto erased = store_error_of([&] { store.erase(kafka.group, std::span{&partition, 1}); });
    CHECK(says(erased, kafka.group, "stop all its consumers first"));
    CHECK_FALSE(erased->is_retryable());
    CHECK(store.list(kafka.group) == std::vector<StoredOffset>{{partition, 10}});
  }
  store.overwrite(kafka.group, std::span{&elsewhere, 1});
  CHECK(kafka.committed() == 3);
  store.erase(kafka.group, std::span{&partition, 1});
  CHECK(kafka.committed() == std::nullopt);
}

TEST_CASE("what was never stored can be erased", "[integration]") {
  KafkaStoreFixture kafka{2};
  KafkaOffsetStore store{kafka.connected()};
  const std::vector<TopicPartition> partitions{kafka.partition(0), kafka.partition(1), {unique_name("never-made"), 0}};
  CHECK_NOTHROW(store.erase(kafka.group, partitions));
  commit(store, kafka.no_consumer(), {{kafka.partition(1), 0, 4}});
  CHECK_NOTHROW(store.erase(kafka.group, partitions));
  CHECK(store.list(kafka.group).empty());
}

TEST_CASE("offsets that a transaction is about to move are not shown as they were before it", "[integration]") {
  KafkaStoreFixture kafka;
  KafkaOffsetStore store{{.brokers = kafka.brokers, .timeout = std::chrono::milliseconds{500}}};
  commit(store, kafka.no_consumer(), {{kafka.partition(), 0, 10}});
  const auto producer = make_client(
      RD_KAFKA_PRODUCER, {{"bootstrap.servers", kafka.brokers}, {"transactional.id", unique_name("transaction")}});
  check(rd_kafka_init_transactions(producer.get(), 30'000), "init");
  check(rd_kafka_begin_transaction(producer.get()), "begin");
  const kafka::PartitionListHandle offsets{rd_kafka_topic_partition_list_new(1)};
  rd_kafka_topic_partition_list_add(offsets.get(), kafka.topic.c_str(), 0)->offset = 20;
  auto* group = rd_kafka_consumer_group_metadata_new(kafka.group.c_str());
  auto* sent = rd_kafka_send_offsets_to_transaction(producer.get(), offsets.get(), group, 30'000);
  rd_kafka_consumer_group_metadata_destroy(group);
  check(sent, "send offsets");

  const auto meanwhile = store_error_of([&] { store.list(kafka.group); });
  CHECK(says(meanwhile, "a transaction that moves this group's offsets is still open"));
  CHECK((meanwhile && meanwhile->is_retryable()));
  check(rd_kafka_commit_transaction(producer.get(), 30'000), "commit");
  CHECK(eventually([&] {
    std::vector<StoredOffset> listed;
    return !store_error_of([&] { listed = store.list(kafka.group); }) &&
           listed == std::vector<StoredOffset>{{kafka.partition(), 20}};
  }));
}
