// A commit that is under way when its partitions go, and arrives when they are back.
#include <algorithm>
#include <chrono>

#include <tidemark/testing/faulty_offset_store.hpp>

#include "integration/kafka_fixture.hpp"
#include "support/catch.hpp"

using namespace std::chrono_literals;
using namespace tidemark;
using namespace tidemark::test;

TEST_CASE("a commit that is refused after its partition has come back does not move what is read now",
          "[integration]") {
  constexpr int partitions = 2;
  constexpr int records = 10;
  KafkaFixture kafka{partitions};
  for (int partition = 0; partition < partitions; ++partition) kafka.fill(partition, records);
  auto options = kafka.options();
  options.drain_timeout = 200ms;
  options.max_uncommitted_batches = 4;
  testing::FaultyOffsetStore slow{kafka.store};
  slow.block_commits();
  RunningConsumer first{options, slow};
  REQUIRE(slow.wait_until_blocked());
  first.await_count(partitions * records);
  TopicPartition moved;
  {
    RunningConsumer second{options, kafka.store};
    second.await_assignment();
    moved = second.progress().front().partition;
    kafka.fill(moved.partition, records, records);  // or the old commit would only say what is stored anyway
    second.await_no_lag(1);
    second.stop();
  }
  first.await("its partition back", [&] { return first.progress().size() == partitions; });
  const auto loads = slow.loads();
  slow.release();
  first.await("the old commit refused", [&] { return first.journal().has_line_with("conflict"); });
  kafka.fill(moved.partition, records, 2 * records);
  first.await_no_lag(partitions);
  first.stop();
  CHECK(slow.loads() == loads);  // to set it to what is stored, that would be asked for again
  const auto offsets = first.journal().offsets(moved);
  CHECK(std::ranges::count(offsets, 2 * records) == 1);
  CHECK(offsets.back() == 3 * records - 1);
}
