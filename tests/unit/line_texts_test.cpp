// Each event as a line, as it is read by people: read them aloud when you change one.
#include "lines/event_text.hpp"

#include <array>
#include <string>
#include <vector>

#include <tidemark/testing/batch_builder.hpp>

#include "support/catch.hpp"

using namespace tidemark;
using namespace std::chrono_literals;

namespace {

template <class... Event>
std::string line(const Event&... event) {
  lines::Buffer out;
  lines::describe(out, event...);
  return {out.data(), out.size()};
}

const TopicPartition orders{"orders", 0};
const std::array<OffsetRange, 1> some{{{orders, 10, 20}}};
const std::array<OffsetRange, 2> two{{{orders, 10, 20}, {{"orders", 1}, 7, 8}}};

std::vector<TopicPartition> partitions(std::int32_t count) {
  std::vector<TopicPartition> all;
  for (std::int32_t i = 0; i < count; ++i) all.push_back({"orders", i});
  return all;
}

}  // namespace

TEST_CASE("a start is a line", "[unit]") {
  CHECK(line(ConsumerInfo{.brokers = "a:9092,b:9092", .group = "billing"}) == "Connecting to a:9092,b:9092.");
}

TEST_CASE("batches and commits are lines", "[unit]") {
  CHECK(line(BatchEvent{two, 11, 1234, 1, 2'500us}) ==
        "Handled 11 records (1234 bytes) in 2.5 ms: orders [0] offsets 10 to 19, orders [1] offset 7.");
  CHECK(line(BatchEvent{some, 1, 9, 3, 90s}) ==
        "Handled 1 record (9 bytes) in 90 s, at attempt 3: orders [0] offsets 10 to 19.");
  CHECK(line(CommitEvent{some, 1, 12ms}) == "Committed orders [0] offsets 10 to 19 in 12 ms.");
  CHECK(line(CommitEvent{some, 2, 1'250ms}) == "Committed orders [0] offsets 10 to 19 in 1.2 s, at attempt 2.");
  CHECK(line(CommitEvent{some}) == "Committed orders [0] offsets 10 to 19.");
  const std::array<OffsetRange, 1> back{{{orders, 20, 5}}};
  CHECK(line(CommitEvent{back}) == "Committed orders [0] back to offset 5.");
}

TEST_CASE("failures of the handler are lines", "[unit]") {
  CHECK(line(RetryEvent{some, 1, 100ms, "connection refused."}) ==
        "The handler failed at attempt 1: connection refused. It is called again in 100 ms with orders [0] offsets 10 "
        "to 19.");
  CHECK(line(SkipEvent{some, 10, 3, "bad\namount\n"}) ==
        "The handler failed at all 3 attempts: bad amount. Skipped 10 records: orders [0] offsets 10 to 19.");
  CHECK(line(SkipEvent{some, 10, 1, ""}) ==
        "The handler failed: no reason is given. Skipped 10 records: orders [0] offsets 10 to 19.");
  CHECK(
      line(HandlerTimeoutEvent{some, 30s, false}) ==
      "The handler has been busy for 30.0 s with orders [0] offsets 10 to 19, longer than handler_timeout. It is asked "
      "to finish.");
  CHECK(
      line(HandlerTimeoutEvent{some, 90s, true}) ==
      "The handler did not return within 90 s with orders [0] offsets 10 to 19. Its partitions are given up without a "
      "commit, and the consumer ends.");
}

TEST_CASE("dead letters are lines", "[unit]") {
  testing::BatchBuilder builder;
  builder.add({.topic = "orders", .offset = 17});
  const auto batch = builder.build();
  const DeadLetter letter{batch[0], "billing", DeadLetterReason::undecodable, "not a number"};
  const std::vector<DeadLetter> letters(3, letter);
  CHECK(line(std::span<const DeadLetter>{letters.data(), 1}) ==
        "1 record became a dead letter: orders [0] offset 17 (undecodable): not a number.");
  CHECK(line(std::span<const DeadLetter>{letters}) ==
        "3 records became dead letters, the first is orders [0] offset 17 (undecodable): not a number.");
}

TEST_CASE("conflicts are lines", "[unit]") {
  CHECK(
      line(ConflictEvent{{orders, 700}, {orders, 10, 20}}) ==
      "The commit of orders [0] offsets 10 to 19 was refused, since somebody else has moved the stored offset to 700. "
      "The partition is read on from there.");
  CHECK(line(ConflictEvent{{orders, 5}, {orders, 10, 10}}) ==
        "Somebody else has moved the stored offset of orders [0] to 5. The partition is read on from there.");
  CHECK(line(ConflictEvent{{orders, std::nullopt}, {orders, 10, 20}}) ==
        "The commit of orders [0] offsets 10 to 19 was refused, since somebody else has removed the stored offset. The "
        "partition is started anew.");
}

TEST_CASE("rebalances are lines", "[unit]") {
  using Kind = RebalanceEvent::Kind;
  CHECK(line(RebalanceEvent{Kind::assigned, partitions(2)}) == "Assigned 2 partitions: orders [0], orders [1].");
  CHECK(line(RebalanceEvent{Kind::assigned, partitions(7)}) ==
        "Assigned 7 partitions: orders [0], orders [1], orders [2], orders [3], orders [4] and 2 more.");
  CHECK(line(RebalanceEvent{Kind::assigned, {}}) ==
        "Assigned no partition: the group's other members have them all, or there is none.");
  CHECK(line(RebalanceEvent{Kind::revoked, partitions(1)}) == "Gave up 1 partition: orders [0].");
  CHECK(line(RebalanceEvent{Kind::revoked, {}}) == "Gave up no partition.");
  CHECK(line(RebalanceEvent{Kind::lost, partitions(1)}) ==
        "Lost 1 partition: orders [0]. The group has put this member out: what it has not committed, others handle "
        "again.");
}

TEST_CASE("what Kafka no longer has is a line", "[unit]") {
  CHECK(
      line(OutOfRangeEvent{orders, 5, 10, 100, 10}) ==
      "Offset 5 of orders [0] does not exist: Kafka has 10 to 99. Reading goes on at offset 10, as out_of_range says.");
  CHECK(line(OutOfRangeEvent{orders, 5, 10, 10, std::nullopt}) ==
        "Offset 5 of orders [0] does not exist: Kafka has no record there, and goes on at 10. The consumer ends, as "
        "out_of_range says.");
  CHECK(
      line(OutOfRangeEvent{orders, 150, 0, 120, 100, 100}) ==
      "Kafka has lost the records of orders [0] from offset 100 on, where this consumer was at 150. Reading goes on at "
      "offset 100, as out_of_range says.");
  CHECK(
      line(UnreadableEvent{orders, 17, -199, "Local: Bad message format", 10s}) ==
      "Offset 17 of orders [0] can't be read: Local: Bad message format. The partition is passed over, and tried again "
      "in 10.0 s.");
  CHECK(line(UnreadableEvent{orders, 17, -199, "Local: Bad message format", std::nullopt}) ==
        "Offset 17 of orders [0] can't be read: Local: Bad message format. The consumer ends, as `unreadable` says.");
  CHECK(line(GapEvent{{orders, 5, 10}, 7, 12}) ==
        "No record at orders [0] offsets 5 to 9: 7 offsets are missing in this batch, 12 since the partition was "
        "assigned.");
}

TEST_CASE("progress is a line", "[unit]") {
  std::vector<PartitionProgress> progress{{orders, 10, 20}, {{"orders", 1}, 7, 7}};
  CHECK(line(lines::Sums{3, 1200}, std::span<const PartitionProgress>{progress}) ==
        "Handled 1200 records in 3 batches; 10 records behind in 2 partitions.");
  progress[0].is_parked = true;
  progress[1].end.reset();
  progress[1].in_handler_for = 12s;
  CHECK(
      line(lines::Sums{}, std::span<const PartitionProgress>{progress}) ==
      "No batch was handled; 10 records behind in 2 partitions, of which 1 has not been fetched yet, of which 1 can't "
      "be read; the handler has been at a batch for 12.0 s.");
  const std::vector<PartitionProgress> idle{{orders, 10, 10}};
  CHECK(line(lines::Sums{}, std::span<const PartitionProgress>{idle}) == "No record is waiting in 1 partition.");
  CHECK(line(lines::Sums{1, 1, 2, 130ms}, std::span<const PartitionProgress>{idle}) ==
        "Handled 1 record in 1 batch; no record is waiting in 1 partition; waited 2 times, 130 ms in all, for records "
        "that Kafka had.");
  CHECK(line(lines::Sums{}, std::span<const PartitionProgress>{}) == "No partition is assigned any more.");
  CHECK(line(lines::Sums{1, 5}, std::span<const PartitionProgress>{}) ==
        "Handled 5 records in 1 batch; no partition is assigned any more.");
}

TEST_CASE("texts from outside become one line, and are cut", "[unit]") {
  CHECK(line(std::string_view{"_ALL_BROKERS_DOWN: 1/1 brokers\nare down.\n"}) ==
        "_ALL_BROKERS_DOWN: 1/1 brokers are down.");
  CHECK(line(std::string_view{std::string(10'000, 'x')}).size() < 4'200);
}
