// What has cost other projects' users data, each played through once. More of them elsewhere, with the source in a comment as here.

#include <algorithm>
#include <atomic>
#include <stdexcept>

#include <tidemark/stores/kafka.hpp>

#include "integration/kafka_fixture.hpp"
#include "support/catch.hpp"

using namespace std::chrono_literals;
using namespace tidemark;
using namespace tidemark::test;

namespace {

constexpr int partitions = 4;

/// A topic with as many records in each partition, and what the members of a group have made of it.
struct Scenario : KafkaFixture {
  explicit Scenario(int records) : KafkaFixture{partitions} {
    for (int partition = 0; partition < partitions; ++partition) fill(partition, records);
    written = records;
  }

  void write(int records) {
    for (int partition = 0; partition < partitions; ++partition) fill(partition, records, written);
    written += records;
  }
  void await_all_stored(RunningConsumer& by, OffsetStore& in) {
    by.await("everything stored", [&] {
      for (int partition = 0; partition < partitions; ++partition)
        if (stored_in(in, this->partition(partition)) != written) return false;
      return true;
    });
  }
  /// Between them they have handled each record from `first` on once.
  void require_each_once(const RunningConsumer& one, const RunningConsumer& other, std::int64_t first = 0) const {
    for (int number = 0; number < partitions; ++number) {
      CAPTURE(number);
      REQUIRE((offsets_of_both(one.journal(), other.journal(), partition(number)) == sequence(first, written)));
    }
  }

  int written = 0;
};

ConsumerOptions with_both_protocols(ConsumerOptions options) {
  SECTION("eager") {}
  SECTION("cooperative") { options.kafka["partition.assignment.strategy"] = "cooperative-sticky"; }
  return options;
}

[[nodiscard]] bool have_all(const RunningConsumer& one, const RunningConsumer& other) {
  const auto mine = one.progress().size();
  const auto theirs = other.progress().size();
  return mine > 0 && theirs > 0 && mine + theirs == partitions;
}

}  // namespace

// librdkafka issue 4844: before 2.13.2 the batch call counts the end of a partition as if it were a record, and a rebalance that lets the
// partition stay goes on behind the record that comes next.
TEST_CASE("a rebalance skips nothing at the end of partitions that stay", "[integration]") {
  Scenario scenario{100};
  auto options = with_both_protocols(scenario.options());
  RunningConsumer first{options, scenario.store};
  first.await("the end of all partitions", [&] {
    const auto all = first.progress();
    return all.size() == partitions &&
           std::ranges::all_of(all, [&](const auto& one) { return one.next == scenario.written && one.lag() == 0; });
  });
  RunningConsumer second{options, scenario.store};
  first.await("partitions for both", [&] { return have_all(first, second); });
  scenario.write(10);
  scenario.await_all_stored(first, scenario.store);
  first.stop();
  second.stop();
  scenario.require_each_once(first, second);
}

// librdkafka issue 4059: a commit during a cooperative rebalance lost the whole assignment. That was a commit to Kafka, which is why
// KafkaOffsetStore refuses those releases ("a consumer that could lose its assignment to a commit does not start").
TEST_CASE("a commit that is under way during a cooperative rebalance costs no assignment", "[integration]") {
  Scenario scenario{500};
  struct Slow final : testing::MemoryOffsetStore {
    std::optional<Conflict> commit(const GroupSession& session, std::span<const OffsetRange> ranges) override {
      if (is_held) static_cast<void>(eventually([&] { return !is_held; }));
      return MemoryOffsetStore::commit(session, ranges);
    }
    std::atomic<bool> is_held = false;
  } store;
  auto options = scenario.options();
  options.kafka["partition.assignment.strategy"] = "cooperative-sticky";
  RunningConsumer first{options, store};
  first.await_count(200);
  store.is_held = true;
  RunningConsumer second{options, store};
  second.await("the news that somebody joined", [&] {
    return first.journal().has_line_with("revoked") || !second.progress().empty() ||
           first.progress().size() == partitions;
  });
  scenario.write(100);
  store.is_held = false;
  second.await("both with partitions", [&] { return have_all(first, second); });
  scenario.write(100);
  scenario.await_all_stored(second, store);
  REQUIRE(have_all(first, second));
  first.stop();
  second.stop();
  scenario.require_each_once(first, second);
  REQUIRE(first.journal().count(RebalanceEvent::Kind::lost) == 0);
}

// alpakka-kafka issue 1086: when a partition came back, the position that Kafka had committed overrode the external one.
TEST_CASE("what Kafka has committed for the group never overrides the store, not when a partition comes back either",
          "[integration]") {
  Scenario scenario{100};
  KafkaOffsetStore kafkas{{.brokers = scenario.brokers}};
  std::vector<StoredOffset> committed;
  std::vector<StoredOffset> stored;
  for (int partition = 0; partition < partitions; ++partition) {
    committed.push_back({scenario.partition(partition), 5});
    stored.push_back({scenario.partition(partition), 50});
  }
  kafkas.overwrite(scenario.group, committed);
  scenario.store.overwrite(scenario.group, stored);
  const auto options = with_both_protocols(scenario.options());
  RunningConsumer first{options, scenario.store};
  first.await_no_lag(partitions);
  {
    RunningConsumer second{options, scenario.store};
    second.await("both with partitions", [&] { return have_all(first, second); });
    second.stop();
  }
  first.await("its partitions back", [&] { return first.progress().size() == partitions; });
  scenario.write(10);
  scenario.await_all_stored(first, scenario.store);
  first.stop();
  for (int partition = 0; partition < partitions; ++partition)
    REQUIRE(first.journal().offsets(scenario.partition(partition)) == sequence(50, 110));
}

// spring-kafka issue 2340: a rebalance while a batch waited for its retry threw the rest of its records away.
TEST_CASE("a rebalance while a batch waits for its next attempt throws no record away", "[integration]") {
  Scenario scenario{200};
  auto options = with_both_protocols(scenario.options());
  options.handler_retry = {.attempts = 1000, .first_delay = 20ms, .max_delay = 20ms, .give_up_after = 1h};
  std::atomic<bool> fails = true;
  const auto handler = [&](const Batch<>& batch) {
    if (fails && batch[0].offset() >= 100) throw std::runtime_error{"not yet"};
  };
  RunningConsumer first{options, scenario.store, handler};
  first.await("batches that fail", [&] { return first.journal().has_line_with("retry"); });
  RunningConsumer second{options, scenario.store, handler};
  second.await("both with partitions", [&] { return have_all(first, second); });
  fails = false;
  scenario.await_all_stored(second, scenario.store);
  first.stop();
  second.stop();
  scenario.require_each_once(first, second);
}

// redpanda connect issue 4009: the window that a batch was being collected in was lost in a rebalance.
TEST_CASE("a batch that is still being filled when its partitions go is filled again by whoever gets them",
          "[integration]") {
  Scenario scenario{30};
  auto options = with_both_protocols(scenario.options());
  options.batch = {.max_records = 1000, .max_wait = 1h};
  RunningConsumer first{options, scenario.store};
  first.await("its partitions", [&] { return first.progress().size() == partitions; });
  options.batch.max_wait = 5ms;
  RunningConsumer second{options, scenario.store};
  second.await("both with partitions", [&] { return have_all(first, second); });
  first.stop();
  scenario.await_all_stored(second, scenario.store);
  second.stop();
  scenario.require_each_once(first, second);
  REQUIRE(first.journal().count() == 0);
}

// modern-cpp-kafka issue 53: the commit on revoke came too late, and was refused with ILLEGAL_GENERATION.
TEST_CASE("what is finished on a revoke is committed to Kafka before the partitions go", "[integration]") {
  Scenario scenario{300};
  KafkaOffsetStore store{{.brokers = scenario.brokers}};
  std::atomic<bool> is_held = false;
  RunningConsumer first{scenario.options(), store, [&](const Batch<>& batch) {
                          if (batch[0].offset() < 100 || is_held.exchange(true)) return;
                          const auto token = batch.stop_token();
                          static_cast<void>(eventually([&] { return token.stop_requested(); }));
                        }};
  first.await("a batch in hand", [&] { return is_held.load(); });
  RunningConsumer second{scenario.options(), store};
  second.await("both with partitions", [&] { return have_all(first, second); });
  scenario.await_all_stored(second, store);
  first.stop();
  second.stop();
  scenario.require_each_once(first, second);
  REQUIRE_FALSE(first.journal().has_line_with("error: the offsets could not be committed"));
}

// librdkafka issues 2190, 5345 and 3959: a seek or a pause right after an assignment was lost, or overtaken by a late answer.
TEST_CASE("a position that is set again and again right after an assignment always holds", "[integration]") {
  KafkaFixture kafka;
  kafka.fill(0, 100);
  auto options = kafka.options();
  options.store_poll_interval = 5ms;
  SECTION("eager") {}
  SECTION("cooperative") { options.kafka["partition.assignment.strategy"] = "cooperative-sticky"; }
  RunningConsumer consumer{options, kafka.store};
  auto expected = sequence(0, 100);
  consumer.await_count(expected.size());
  for (std::int64_t start = 99; start > 60; start -= 3) {
    consumer.await("all committed", [&] { return kafka.stored() == 100; });
    const StoredOffset back{kafka.partition(), start};
    kafka.store.overwrite(kafka.group, {&back, 1});
    for (const auto offset : sequence(start, 100)) expected.push_back(offset);
    consumer.await_count(expected.size());
  }
  consumer.stop();
  REQUIRE((consumer.journal().offsets(kafka.partition()) == expected));
}

// redis-kafka-connect issue 68: an absent offset was taken for 0.
TEST_CASE("where nothing is stored the partition begins at its oldest record, and 0 is never asked for",
          "[integration]") {
  KafkaFixture kafka;
  kafka.fill(0, 100);
  kafka.admin.delete_records(kafka.topic, 0, 50);
  RunningConsumer consumer{kafka.options(), kafka.store};  // out_of_range is to fail
  consumer.await_no_lag(1);
  consumer.stop();
  REQUIRE(consumer.journal().offsets(kafka.partition()) == sequence(50, 100));
  REQUIRE(consumer.journal().out_of_range().empty());
}
