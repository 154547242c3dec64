#include <algorithm>
#include <atomic>
#include <map>

#include "integration/kafka_fixture.hpp"
#include "support/catch.hpp"

using namespace std::chrono_literals;
using namespace tidemark;
using namespace tidemark::test;

namespace {

constexpr int partitions = 3;

/// A consumer that has read 100 records of each partition, and waits for more.
class ResetFixture : public KafkaFixture {
 public:
  ResetFixture() : KafkaFixture{partitions} {
    for (int partition = 0; partition < partitions; ++partition) fill(partition, 100);
  }

  void reset(const std::map<int, std::int64_t>& offsets) {
    std::vector<StoredOffset> stored;
    for (const auto& [number, next] : offsets) stored.push_back({partition(number), next});
    store.overwrite(group, stored);
  }
};

ConsumerOptions with_each_strategy(ConsumerOptions options) {
  SECTION("eager") {}
  SECTION("eager, three workers") { options.concurrency = 3; }
  SECTION("cooperative-sticky") { options.kafka["partition.assignment.strategy"] = "cooperative-sticky"; }
  return options;
}

std::vector<std::int64_t> joined(std::vector<std::int64_t> first, const std::vector<std::int64_t>& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

}  // namespace

// A running consumer notices a reset at its next commit: the records of that batch count as handled for nothing.

TEST_CASE("an operator's reset backwards is followed by a running consumer, and costs other partitions nothing",
          "[integration]") {
  ResetFixture kafka;
  RunningConsumer consumer{with_each_strategy(kafka.options()), kafka.store};
  consumer.await_no_lag(partitions);
  kafka.reset({{1, 40}});
  kafka.fill(1, 1, 100);
  consumer.await("the reset partition read again", [&] { return kafka.stored(1) == 101; });
  for (int partition = 0; partition < partitions; ++partition) kafka.fill(partition, 10, partition == 1 ? 101 : 100);
  consumer.await("the others go on",
                 [&] { return kafka.stored(0) == 110 && kafka.stored(1) == 111 && kafka.stored(2) == 110; });
  consumer.stop();
  REQUIRE(consumer.journal().conflicts().size() == 1);
  REQUIRE(consumer.journal().offsets(kafka.partition(0)) == sequence(0, 110));
  REQUIRE(consumer.journal().offsets(kafka.partition(1)) == joined(sequence(0, 101), sequence(40, 111)));
  REQUIRE(consumer.journal().offsets(kafka.partition(2)) == sequence(0, 110));
}

TEST_CASE("an operator's reset forwards is followed by a running consumer", "[integration]") {
  ResetFixture kafka;
  std::atomic<bool> is_reset = false;
  auto options = with_each_strategy(kafka.options());
  options.batch.max_records = 5;
  RunningConsumer consumer{options, kafka.store, [&](const Batch<>& batch) {
                             if (batch[0].partition() == 2 && batch[0].offset() >= 20 && !is_reset.exchange(true))
                               kafka.reset({{2, 80}});
                           }};
  consumer.await_no_lag(partitions);
  consumer.stop();
  REQUIRE(consumer.journal().offsets(kafka.partition(0)) == sequence(0, 100));
  REQUIRE(consumer.journal().offsets(kafka.partition(1)) == sequence(0, 100));
  const auto offsets = consumer.journal().offsets(kafka.partition(2));
  const auto skipped = std::ranges::adjacent_find(offsets, [](auto one, auto next) { return next != one + 1; });
  REQUIRE(skipped != offsets.end());
  REQUIRE(*skipped < 40);
  REQUIRE(*(skipped + 1) == 80);
  REQUIRE(offsets == joined(sequence(0, *skipped + 1), sequence(80, 100)));
}

TEST_CASE("a reset of all partitions at once is followed in each of them", "[integration]") {
  ResetFixture kafka;
  RunningConsumer consumer{with_each_strategy(kafka.options()), kafka.store};
  consumer.await_no_lag(partitions);
  kafka.reset({{0, 10}, {1, 50}, {2, 0}});
  for (int partition = 0; partition < partitions; ++partition) kafka.fill(partition, 1, 100);
  consumer.await("all read again",
                 [&] { return kafka.stored(0) == 101 && kafka.stored(1) == 101 && kafka.stored(2) == 101; });
  consumer.stop();
  REQUIRE(consumer.journal().offsets(kafka.partition(0)) == joined(sequence(0, 101), sequence(10, 101)));
  REQUIRE(consumer.journal().offsets(kafka.partition(1)) == joined(sequence(0, 101), sequence(50, 101)));
  REQUIRE(consumer.journal().offsets(kafka.partition(2)) == joined(sequence(0, 101), sequence(0, 101)));
}
