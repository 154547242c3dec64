#include <algorithm>
#include <memory>

#include "integration/kafka_fixture.hpp"
#include "support/catch.hpp"

using namespace std::chrono_literals;
using namespace tidemark;
using namespace tidemark::test;

namespace {

ConsumerOptions instance(const KafkaFixture& kafka, const std::string& name) {
  auto options = kafka.options();
  options.kafka["group.instance.id"] = name;
  return options;
}

}  // namespace

TEST_CASE("a static member that restarts within the session time-out moves no partition", "[integration]") {
  KafkaFixture kafka{4};
  std::string strategy = "range";
  SECTION("eager") {}
  SECTION("cooperative-sticky") { strategy = "cooperative-sticky"; }
  const auto options = [&](const std::string& name) {
    auto its = instance(kafka, name);
    its.kafka["partition.assignment.strategy"] = strategy;
    its.kafka["session.timeout.ms"] = "30000";
    return its;
  };
  for (int partition = 0; partition < 4; ++partition) kafka.fill(partition, 50);
  RunningConsumer stays{options("stays"), kafka.store};
  auto restarts = std::make_unique<RunningConsumer>(options("restarts"), kafka.store);
  const auto has_two = [](const RunningConsumer& member) {
    return member.progress().size() == 2 && member.journal().count(RebalanceEvent::Kind::assigned) > 0;
  };
  stays.await("both with two partitions, and told so", [&] { return has_two(stays) && has_two(*restarts); });
  const auto before = restarts->progress();
  const auto assigned = stays.journal().count(RebalanceEvent::Kind::assigned);
  const auto revoked = stays.journal().count(RebalanceEvent::Kind::revoked);

  SECTION("stopped") { restarts->stop(); }
  SECTION("crashed") { restarts->abandon(); }
  for (int partition = 0; partition < 4; ++partition) kafka.fill(partition, 50, 50);
  restarts = std::make_unique<RunningConsumer>(options("restarts"), kafka.store);
  restarts->await("its partitions back", [&] { return restarts->progress().size() == 2; });
  const auto after = restarts->progress();
  CHECK(std::ranges::equal(before, after, {}, &PartitionProgress::partition, &PartitionProgress::partition));
  restarts->await_no_lag(2);
  stays.await_no_lag(2);
  CHECK(stays.journal().count(RebalanceEvent::Kind::assigned) == assigned);
  CHECK(stays.journal().count(RebalanceEvent::Kind::revoked) == revoked);
  CHECK(stays.journal().count(RebalanceEvent::Kind::lost) == 0);
  restarts->stop();
  stays.stop();
  for (int partition = 0; partition < 4; ++partition) CHECK(kafka.stored(partition) == 100);
}

TEST_CASE("a static member whose name another one takes ends with an error that says so", "[integration]") {
  KafkaFixture kafka{2};
  for (int partition = 0; partition < 2; ++partition) kafka.fill(partition, 100);
  RunningConsumer first{instance(kafka, "only-one"), kafka.store};
  first.await_no_lag(2);
  RunningConsumer second{instance(kafka, "only-one"), kafka.store};
  const auto began = std::chrono::steady_clock::now();
  const auto error = first.error_at_end();
  CHECK(std::chrono::steady_clock::now() - began < 10s);  // no waiting for a group that has put it out
  CHECK_THAT(error, containing("FENCED_INSTANCE_ID"));
  CHECK_THAT(error, containing("group.instance.id"));
  for (int partition = 0; partition < 2; ++partition) kafka.fill(partition, 10, 100);
  second.await_no_lag(2);
  second.stop();
  for (int partition = 0; partition < 2; ++partition) {
    CHECK(first.journal().offsets(kafka.partition(partition)) == sequence(0, 100));
    CHECK(second.journal().offsets(kafka.partition(partition)) == sequence(100, 110));
  }
}
