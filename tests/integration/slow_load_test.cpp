// While it is found out where partitions begin.
#include <algorithm>
#include <atomic>
#include <chrono>

#include "integration/kafka_fixture.hpp"
#include "support/catch.hpp"

using namespace std::chrono_literals;
using namespace tidemark;
using namespace tidemark::test;

namespace {

constexpr int partitions = 4;
constexpr int written_first = 10;
constexpr int written = 2 * written_first;

/// Holds back what loads, while told to.
class SlowStore final : public testing::MemoryOffsetStore {
 public:
  std::vector<std::optional<std::int64_t>> load(const GroupSession& session,
                                                std::span<const TopicPartition> asked) override {
    if (is_held_) {
      is_waited_for_ = true;
      static_cast<void>(eventually([&] { return !is_held_; }, 2min));
    }
    return MemoryOffsetStore::load(session, asked);
  }
  void hold() { is_held_ = true; }
  void release() { is_held_ = false; }
  bool is_waited_for() const { return is_waited_for_; }

 private:
  std::atomic<bool> is_held_ = false;
  std::atomic<bool> is_waited_for_ = false;
};

}  // namespace

TEST_CASE("cooperative members go on with what they keep while the store takes its time over what they get",
          "[integration]") {
  KafkaFixture kafka{partitions};
  SlowStore store;
  const auto fill_all = [&](int first) {
    for (int partition = 0; partition < partitions; ++partition) kafka.fill(partition, written_first, first);
  };
  fill_all(0);
  auto options = kafka.options();
  options.kafka["partition.assignment.strategy"] = "cooperative-sticky";
  RunningConsumer stays{options, store};
  RunningConsumer leaves{options, store};
  leaves.await("both with partitions",
               [&] { return stays.progress().size() == partitions / 2 && leaves.progress().size() == partitions / 2; });
  leaves.await("everything handled", [&] {
    return stays.journal().count() + leaves.journal().count() == std::size_t{partitions} * written_first;
  });
  const auto kept = stays.progress();
  store.hold();
  leaves.stop();
  stays.await("the question where the others begin", [&] { return store.is_waited_for(); });
  fill_all(written_first);
  const auto is_handled = [&](const PartitionProgress& one) {
    return stays.journal().offsets(one.partition).back() == written - 1;
  };
  stays.await("what was written to the partitions that stayed", [&] { return std::ranges::all_of(kept, is_handled); });
  REQUIRE(stays.progress().size() == partitions / 2);  // still
  store.release();
  stays.await_no_lag(partitions);
  stays.stop();
  for (int number = 0; number < partitions; ++number) {
    CAPTURE(number);
    REQUIRE(offsets_of_both(leaves.journal(), stays.journal(), kafka.partition(number)) == sequence(0, written));
  }
}
