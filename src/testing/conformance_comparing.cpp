#include "testing/conformance_spec.hpp"
#include "testing/conformance_subject.hpp"

namespace tidemark::testing {

namespace {

const TopicPartition flights0{"flights", 0};
const TopicPartition flights1{"flights", 1};
const TopicPartition flights2{"flights", 2};
const TopicPartition flights3{"flights", 3};

void late_range_conflicts(const StoreUnderTest& store) {
  ConformanceSubject subject{store};
  subject.must_commit({{flights0, 0, 10}});
  subject.must_commit({{flights0, 10, 20}});
  subject.must_conflict({{flights0, 0, 5}}, {flights0, 20});
  subject.must_conflict({{flights0, 0, 10}}, {flights0, 20});
  subject.must_conflict({{flights0, 10, 30}}, {flights0, 20});
  subject.must_hold(flights0, 20);
}

void early_range_conflicts(const StoreUnderTest& store) {
  ConformanceSubject subject{store};
  subject.must_commit({{flights0, 0, 10}});
  subject.must_conflict({{flights0, 11, 20}}, {flights0, 10});
  subject.must_hold(flights0, 10);
}

void stored_zero_is_compared(const StoreUnderTest& store) {
  ConformanceSubject subject{store};
  subject.must_commit({{flights0, 0, 0}});
  subject.must_conflict({{flights0, 5, 10}}, {flights0, 0});
  subject.must_hold(flights0, 0);
}

void start_position_is_compared(const StoreUnderTest& store) {
  ConformanceSubject subject{store};
  subject.must_commit({{flights0, 0, 10}});
  subject.must_conflict({{flights0, 4, 4}}, {flights0, 10});
  subject.must_hold(flights0, 10);
}

void one_conflict_holds_back_all(const StoreUnderTest& store) {
  ConformanceSubject subject{store};
  subject.must_commit({{flights0, 0, 10}, {flights1, 0, 10}});
  const OffsetRange due{flights0, 10, 20};
  const OffsetRange late{flights1, 5, 15};
  const OffsetRange fresh{flights2, 0, 3};
  subject.must_conflict({due, late, fresh}, {flights1, 10});
  subject.must_conflict({late, due, fresh}, {flights1, 10});
  subject.must_conflict({fresh, due, late}, {flights1, 10});
  subject.must_hold(flights0, 10);
  subject.must_hold(flights1, 10);
  subject.must_hold(flights2, std::nullopt);
}

void first_conflict_is_returned(const StoreUnderTest& store) {
  ConformanceSubject subject{store};
  subject.must_commit({{flights0, 0, 10}, {flights1, 0, 11}, {flights2, 0, 12}, {flights3, 0, 13}});
  subject.must_conflict({{flights0, 10, 20}, {flights3, 1, 2}, {flights1, 1, 2}}, {flights3, 13});
  subject.must_conflict({{flights1, 1, 2}, {flights3, 1, 2}, {flights0, 10, 20}}, {flights1, 11});
}

void repeat_is_done(const StoreUnderTest& store) {
  ConformanceSubject subject{store};
  subject.must_commit({{flights0, 0, 10}, {flights1, 0, 20}});
  subject.must_commit({{flights0, 10, 30}, {flights1, 20, 40}});
  subject.must_commit({{flights0, 10, 30}, {flights1, 20, 40}});
  subject.must_commit({{flights0, 17, 30}});
  subject.must_hold(flights0, 30);
  subject.must_hold(flights1, 40);
}

void done_in_part_goes_through(const StoreUnderTest& store) {
  ConformanceSubject subject{store};
  subject.must_commit({{flights0, 0, 10}, {flights1, 0, 20}});
  subject.must_commit({{flights0, 10, 30}});
  subject.must_commit({{flights0, 10, 30}, {flights1, 20, 40}, {flights2, 0, 5}});
  subject.must_hold(flights0, 30);
  subject.must_hold(flights1, 40);
  subject.must_hold(flights2, 5);
}

void done_beside_a_conflict(const StoreUnderTest& store) {
  ConformanceSubject subject{store};
  subject.must_commit({{flights0, 0, 10}, {flights1, 0, 20}});
  subject.must_conflict({{flights0, 5, 10}, {flights1, 5, 25}, {flights2, 0, 5}}, {flights1, 20});
  subject.must_hold(flights0, 10);
  subject.must_hold(flights1, 20);
  subject.must_hold(flights2, std::nullopt);
}

void wide_conflict_holds_back_all(const StoreUnderTest& store) {
  ConformanceSubject subject{store};
  constexpr std::int32_t count = 10'000;
  std::vector<OffsetRange> ranges;
  for (std::int32_t i = 0; i < count; ++i) ranges.push_back({{"wide", i}, 0, 1});
  subject.announce(ranges.back().partition);
  subject.must_commit(ranges);
  for (auto& range : ranges) range = {range.partition, 1, 2};
  ranges.back().from = 7;
  ranges.back().until = 8;
  subject.must_conflict(ranges, {ranges.back().partition, 1});
  for (const auto i : {0, 1, 4'999, 9'998, 9'999}) subject.must_hold({"wide", i}, 1);
}

}  // namespace

std::vector<ConformanceSpec> comparing_checks() {
  const std::vector<Need> needs{Need::comparing};
  return {{"a range that begins below the stored offset is a conflict", needs, late_range_conflicts},
          {"a range that begins above the stored offset is a conflict", needs, early_range_conflicts},
          {"a stored 0 is compared like any other offset", needs, stored_zero_is_compared},
          {"a start position does not move what is stored", needs, start_position_is_compared},
          {"one conflict holds back every range of the commit", needs, one_conflict_holds_back_all},
          {"of several conflicts the first is returned", needs, first_conflict_is_returned},
          {"a range whose end is stored already counts as done", needs, repeat_is_done},
          {"a commit that was done in part goes through for the rest", needs, done_in_part_goes_through},
          {"a range that was done does not cover a conflict beside it", needs, done_beside_a_conflict},
          {"the last of 10,000 ranges holds back all", needs, wide_conflict_holds_back_all}};
}

}  // namespace tidemark::testing
