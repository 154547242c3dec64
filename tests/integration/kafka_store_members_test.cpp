#include <array>
#include <atomic>
#include <cstddef>
#include <map>
#include <thread>

#include <tidemark/error.hpp>
#include <tidemark/stores/kafka.hpp>

#include "integration/kafka_store_fixture.hpp"
#include "kafka/handles.hpp"
#include "support/store_error.hpp"

using namespace tidemark;
using namespace tidemark::test;

namespace {

constexpr std::int32_t partition_count = 6;
constexpr std::int64_t end = 60;

/// Members that count partitions up, one commit a step, and what they did together.
class Counting {
 public:
  explicit Counting(const KafkaStoreFixture& kafka) : kafka_{kafka} {}

  std::jthread start_member() {
    return std::jthread{[this](const std::stop_token& stop) {
      KafkaOffsetStore store;
      PlainMember member{kafka_.brokers, kafka_.group, kafka_.topic};
      while (!stop.stop_requested()) {
        const auto held = member.hold();
        for (const auto& partition : member.held_partitions())
          if (const auto error = store_error_of([&] { step(store, member, partition); });
              error && !error->is_retryable())
            ++failures_;
      }
    }};
  }

  int steps() const { return steps_; }
  int failures() const { return failures_; }
  bool in_turn() const { return in_turn_; }

 private:
  void step(KafkaOffsetStore& store, const PlainMember& member, const TopicPartition& partition) {
    const auto from = load(store, member.session(), partition).value_or(0);
    if (from == end) return;
    const OffsetRange range{partition, from, from + 1};
    store.commit(member.session(), std::span{&range, 1});
    // Whoever commits, a partition must go from 0 to 1, from 1 to 2 and so on.
    if (reached_[static_cast<std::size_t>(partition.partition)].exchange(from + 1) != from) in_turn_ = false;
    ++steps_;
  }

  const KafkaStoreFixture& kafka_;
  std::array<std::atomic<std::int64_t>, partition_count> reached_{};
  std::atomic<int> steps_ = 0;
  std::atomic<int> failures_ = 0;
  std::atomic<bool> in_turn_ = true;
};

}  // namespace

TEST_CASE("while members come and go each offset is moved by exactly one of them", "[integration]") {
  KafkaStoreFixture kafka{partition_count};
  Counting counting{kafka};

  auto first = counting.start_member();
  REQUIRE(eventually([&] { return counting.steps() > 60; }));
  auto second = counting.start_member();
  REQUIRE(eventually([&] { return counting.steps() > 120; }));
  auto third = counting.start_member();
  REQUIRE(eventually([&] { return counting.steps() > 180; }));
  first = {};
  REQUIRE(eventually([&] { return counting.steps() >= partition_count * end; }));
  second = {};
  third = {};

  CHECK(counting.steps() == partition_count * end);
  CHECK(counting.failures() == 0);
  CHECK(counting.in_turn());
  for (std::int32_t i = 0; i < partition_count; ++i) CHECK(kafka.committed(i) == end);
}

TEST_CASE("a member that the group went on without cannot commit", "[integration]") {
  // The group waits for as long as the most patient of its members allows.
  const std::map<std::string, std::string> impatient{{"session.timeout.ms", "2000"}, {"max.poll.interval.ms", "2000"}};
  KafkaStoreFixture kafka;
  KafkaOffsetStore store;
  PlainMember zombie{kafka.brokers, kafka.group, kafka.topic, impatient};
  kafka.await_partitions(zombie, 1);
  commit(store, zombie.session(), {{kafka.partition(), 0, 10}});

  zombie.leave_rebalances_unanswered();
  PlainMember owner{kafka.brokers, kafka.group, kafka.topic, impatient};
  kafka.await_partitions(owner, 1);
  commit(store, owner.session(), {{kafka.partition(), 10, 30}});

  const auto error = store_error_of([&] { commit(store, zombie.session(), {{kafka.partition(), 10, 20}}); });
  REQUIRE(error);
  CHECK(error->is_retryable());
  CHECK(kafka.committed() == 30);
}

TEST_CASE("a member does not commit what it gave away, though Kafka would take it", "[integration]") {
  KafkaStoreFixture kafka{2};
  KafkaOffsetStore store;
  PlainMember first{kafka.brokers, kafka.group, kafka.topic};
  kafka.await_partitions(first, 2);
  PlainMember second{kafka.brokers, kafka.group, kafka.topic};
  kafka.await_partitions(second, 1);
  kafka.await_partitions(first, 1);
  const auto given_away = *second.partitions().begin();
  commit(store, second.session(), {{given_away, 0, 30}});

  const auto error = store_error_of([&] { commit(store, first.session(), {{given_away, 0, 20}}); });
  CHECK(says(error, given_away.topic, "not assigned"));
  CHECK(error->is_retryable());
  CHECK(kafka.committed(given_away.partition) == 30);

  // The control: to Kafka this is the commit of a member in good standing.
  const kafka::PartitionListHandle list{rd_kafka_topic_partition_list_new(1)};
  rd_kafka_topic_partition_list_add(list.get(), given_away.topic.c_str(), given_away.partition)->offset = 20;
  CHECK(rd_kafka_commit(first.session().consumer, list.get(), 0) == RD_KAFKA_RESP_ERR_NO_ERROR);
  CHECK(kafka.committed(given_away.partition) == 20);
}

TEST_CASE("a consumer whose group.instance.id another process took cannot commit", "[integration]") {
  const std::map<std::string, std::string> named{{"group.instance.id", "one"}};
  KafkaStoreFixture kafka;
  KafkaOffsetStore store;
  PlainMember first{kafka.brokers, kafka.group, kafka.topic, named};
  kafka.await_partitions(first, 1);
  commit(store, first.session(), {{kafka.partition(), 0, 10}});
  PlainMember second{kafka.brokers, kafka.group, kafka.topic, named};
  kafka.await_partitions(second, 1);

  const auto error = store_error_of([&] { commit(store, first.session(), {{kafka.partition(), 10, 20}}); });
  CHECK(says(error, "group.instance.id"));
  CHECK_FALSE(error->is_retryable());
  CHECK(kafka.committed() == 10);
}

TEST_CASE("a consumer of explicit partitions cannot commit to a group with members", "[integration]") {
  KafkaStoreFixture kafka;
  KafkaOffsetStore store;
  PlainMember alone{kafka.brokers, kafka.group, ""};
  alone.assign(kafka.partition());
  commit(store, alone.session(), {{kafka.partition(), 0, 10}});
  CHECK(kafka.committed() == 10);

  PlainMember member{kafka.brokers, kafka.group, kafka.topic};
  kafka.await_partitions(member, 1);
  const auto error = store_error_of([&] { commit(store, alone.session(), {{kafka.partition(), 10, 20}}); });
  CHECK(says(error, "UNKNOWN_MEMBER_ID", "a group of its own"));
  CHECK(kafka.committed() == 10);
}
