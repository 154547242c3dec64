// What only a real group shows of waiting.
#include <algorithm>
#include <memory>
#include <string>

#include <tidemark/micro_batch_consumer.hpp>

#include "engine/recording_observer.hpp"
#include "engine/running.hpp"
#include "integration/kafka_fixture.hpp"
#include "support/plain_member.hpp"

using namespace std::chrono_literals;
using namespace tidemark;
using namespace tidemark::test;

namespace {

bool has_wait(const ConsumerState& state, WaitKind kind) {
  return std::ranges::any_of(state.waits, [&](const auto& wait) { return wait.kind == kind; });
}

}  // namespace

TEST_CASE("a member that joins behind one that does not answer says so, with the time that takes and the cure",
          "[integration]") {
  KafkaFixture kafka;
  PlainMember stuck{
      kafka.brokers, kafka.group, kafka.topic, {{"session.timeout.ms", "6000"}, {"max.poll.interval.ms", "20000"}}};
  REQUIRE(eventually([&] { return !stuck.partitions().empty(); }, 30s));
  stuck.leave_rebalances_unanswered();
  auto options = kafka.options();
  options.kafka["session.timeout.ms"] = "20000";
  options.kafka["max.poll.interval.ms"] = "20000";  // the longest of all members counts
  const auto observer = std::make_shared<RecordingObserver>();
  options.observer = observer;
  MicroBatchConsumer<> consumer{options, kafka.store, [](const Batch<>&) {}};
  Running running{consumer};
  CHECK(eventually(
      [&] {
        const auto state = consumer.state();
        return state.phase == ConsumerPhase::joining && has_wait(state, WaitKind::group);
      },
      10s));
  const auto tells = [&](bool is_over) {
    for (const auto& wait : observer->heard().waits)
      if (wait.kind == WaitKind::group && wait.is_over == is_over)
        return is_over || (wait.text.find("20000 ms") != std::string::npos &&
                           wait.text.find("group.instance.id") != std::string::npos);
    return false;
  };
  CHECK(eventually([&] { return tells(false); }, 30s));
  CHECK(eventually([&] { return tells(true); }, 30s));
  CHECK(eventually([&] { return consumer.state().phase == ConsumerPhase::reading; }, 10s));
  running.stop();
}

TEST_CASE("a member without a partition is a standby, and waits for nothing", "[integration]") {
  KafkaFixture kafka;
  RunningConsumer first{kafka.options(), kafka.store};
  first.await_assignment();
  const auto observer = std::make_shared<RecordingObserver>();
  auto options = kafka.options();
  options.observer = observer;
  MicroBatchConsumer<> second{options, kafka.store, [](const Batch<>&) {}};
  Running running{second};
  const auto is_standby = [&] { return second.state().phase == ConsumerPhase::standby; };
  const auto has_other = [&] { return first.progress().empty() && second.state().phase == ConsumerPhase::reading; };
  CHECK(eventually([&] { return is_standby() || has_other(); }, 30s));
  const auto waits = is_standby() ? second.state().waits : std::vector<ConsumerWait>{};
  CHECK(waits.empty());
  running.stop();
  CHECK(second.state().phase == ConsumerPhase::ended);
  first.stop();
}
