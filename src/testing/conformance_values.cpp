#include <algorithm>
#include <limits>
#include <random>

#include <fmt/format.h>

#include "testing/conformance_failure.hpp"
#include "testing/conformance_spec.hpp"
#include "testing/conformance_subject.hpp"

namespace tidemark::testing {

namespace {

const TopicPartition flights0{"flights", 0};
const TopicPartition flights1{"flights", 1};
const TopicPartition flights2{"flights", 2};

void absent_is_not_zero(const StoreUnderTest& store) {
  ConformanceSubject subject{store};
  subject.must_hold(flights0, std::nullopt);
  subject.must_commit({{flights1, 0, 7}});
  subject.must_hold(flights0, std::nullopt);
}

void zero_is_not_absent(const StoreUnderTest& store) {
  ConformanceSubject subject{store};
  subject.must_commit({{flights0, 0, 0}});
  subject.must_hold(flights0, 0);
}

void load_keeps_order(const StoreUnderTest& store) {
  ConformanceSubject subject{store};
  subject.must_commit({{flights0, 0, 10}, {flights1, 0, 11}, {{"airports", 3}, 0, 33}});
  const ConformanceSubject::Offsets expected{11, std::nullopt, 33, 10};
  const auto loaded = subject.load({flights1, flights2, {"airports", 3}, flights0});
  for (std::size_t i = 0; i < expected.size(); ++i)
    if (loaded[i] != expected[i])
      throw ConformanceFailure{fmt::format("place {} of load's answer was to be {}, but is {}", i, text_of(expected[i]),
                                           text_of(loaded[i]))};
}

void load_answers_duplicates(const StoreUnderTest& store) {
  ConformanceSubject subject{store};
  subject.must_commit({{flights0, 0, 10}});
  const auto loaded = subject.load({flights0, flights1, flights0, flights1});
  if (loaded != ConformanceSubject::Offsets{10, std::nullopt, 10, std::nullopt})
    throw ConformanceFailure{"a partition that was asked for twice was not answered the same twice"};
}

void nothing_does_nothing(const StoreUnderTest& store) {
  ConformanceSubject subject{store};
  subject.load({});
  subject.must_commit({});
  subject.must_hold(flights0, std::nullopt);
}

void commit_stores_until(const StoreUnderTest& store) {
  ConformanceSubject subject{store};
  subject.must_commit({{flights0, 0, 10}, {flights1, 0, 20}});
  subject.must_commit({{flights1, 20, 21}, {flights0, 10, 15}});
  subject.must_hold(flights0, 15);
  subject.must_hold(flights1, 21);
}

void absent_takes_anything(const StoreUnderTest& store) {
  ConformanceSubject subject{store};
  subject.must_commit({{flights0, 5'000, 5'100}, {flights1, 0, 1}});
  subject.must_hold(flights0, 5'100);
  subject.must_hold(flights1, 1);
}

void empty_range_is_a_position(const StoreUnderTest& store) {
  ConformanceSubject subject{store};
  subject.must_commit({{flights0, 42, 42}});
  subject.must_hold(flights0, 42);
  subject.must_commit({{flights0, 42, 42}});
  subject.must_commit({{flights0, 42, 50}});
  subject.must_hold(flights0, 50);
}

void goes_back_when_told(const StoreUnderTest& store) {
  ConformanceSubject subject{store};
  subject.must_commit({{flights0, 0, 1'000}});
  subject.must_commit({{flights0, 1'000, 3}});
  subject.must_hold(flights0, 3);
}

void big_offsets_are_exact(const StoreUnderTest& store) {
  ConformanceSubject subject{store};
  std::int64_t from = 0;
  for (const std::int64_t until : {std::int64_t{1} << 31, (std::int64_t{1} << 32) + 1, (std::int64_t{1} << 53) + 1,
                                   std::numeric_limits<std::int64_t>::max()}) {
    subject.must_commit({{flights0, from, until}});
    subject.must_hold(flights0, until);
    from = until;
  }
}

void big_partitions_are_told_apart(const StoreUnderTest& store) {
  ConformanceSubject subject{store};
  const std::vector<TopicPartition> partitions{
      {"flights", 0}, {"flights", 65'535}, {"flights", 65'536}, {"flights", std::numeric_limits<std::int32_t>::max()}};
  std::int64_t next = 1;
  for (const auto& partition : partitions) subject.must_commit({{partition, 0, next++}});
  next = 1;
  for (const auto& partition : partitions) subject.must_hold(partition, next++);
}

void negative_is_refused(const StoreUnderTest& store) {
  ConformanceSubject subject{store};
  subject.must_commit({{flights0, 0, 10}});
  subject.must_refuse({{flights1, 0, 5}, {flights0, 10, -1}});
  subject.must_refuse({{flights1, 0, 5}, {flights2, -1'001, 7}});
  subject.must_hold(flights0, 10);
  subject.must_hold(flights1, std::nullopt);
  subject.must_hold(flights2, std::nullopt);
}

void many_partitions(const StoreUnderTest& store) {
  ConformanceSubject subject{store};
  constexpr std::int32_t count = 10'000;
  std::vector<OffsetRange> ranges;
  for (std::int32_t i = 0; i < count; ++i) ranges.push_back({{"wide", i}, 0, i + 1});
  if (store.make_topic) subject.announce(ranges.back().partition);
  subject.must_commit(ranges);
  for (auto& range : ranges) range = {range.partition, range.until, range.until + count};
  std::ranges::shuffle(ranges, std::mt19937{4711});
  subject.must_commit(ranges);

  std::vector<TopicPartition> partitions;
  for (const auto& range : ranges) partitions.push_back(range.partition);
  std::ranges::reverse(partitions);
  const auto loaded = subject.load(partitions);
  for (std::size_t i = 0; i < partitions.size(); ++i)
    if (loaded[i] != partitions[i].partition + 1 + count)
      throw ConformanceFailure{fmt::format("{} of {} partitions was to stand at {}, but load returned {}",
                                           text_of(partitions[i]), count, partitions[i].partition + 1 + count,
                                           text_of(loaded[i]))};
}

}  // namespace

std::vector<ConformanceSpec> value_checks() {
  return {{"an offset that was never stored is absent, not 0", {}, absent_is_not_zero},
          {"a stored 0 is 0, not absent", {}, zero_is_not_absent},
          {"load answers in the order asked", {}, load_keeps_order},
          {"load answers a partition as often as it is asked for", {}, load_answers_duplicates},
          {"to load or commit nothing does nothing", {}, nothing_does_nothing},
          {"commit stores where each range ends", {}, commit_stores_until},
          {"where nothing is stored a range goes through wherever it begins", {}, absent_takes_anything},
          {"an empty range stores a start position", {}, empty_range_is_a_position},
          {"a range that ends before it begins moves the offset back", {}, goes_back_when_told},
          {"offsets up to 2^63-1 are stored exactly", {}, big_offsets_are_exact},
          {"partition numbers up to 2^31-1 are told apart", {}, big_partitions_are_told_apart},
          {"negative offsets are refused and change nothing", {}, negative_is_refused},
          {"10,000 partitions go through one commit and one load", {}, many_partitions}};
}

}  // namespace tidemark::testing
