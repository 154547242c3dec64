#include "testing/conformance_spec.hpp"
#include "testing/conformance_subject.hpp"

namespace tidemark::testing {

namespace {

const TopicPartition flights0{"flights", 0};
const TopicPartition flights1{"flights", 1};
const TopicPartition flights2{"flights", 2};

void survive_reopening(const StoreUnderTest& store) {
  ConformanceSubject subject{store};
  subject.must_commit({{flights0, 0, 10}, {flights1, 0, 0}});
  subject.must_commit({{flights0, 10, 20}});
  subject.must_commit({{flights0, 0, 99}}, "audit");
  subject.reopen();
  subject.must_hold(flights0, 20);
  subject.must_hold(flights1, 0);
  subject.must_hold(flights2, std::nullopt);
  subject.must_hold(flights0, 99, "audit");
  subject.must_commit({{flights0, 20, 30}});
  subject.reopen();
  subject.must_hold(flights0, 30);
}

void still_conflict(const StoreUnderTest& store) {
  ConformanceSubject subject{store};
  subject.must_commit({{flights0, 0, 10}});
  subject.must_commit({{flights0, 10, 20}});
  subject.reopen();
  subject.must_conflict({{flights0, 10, 15}}, {flights0, 20});
  subject.must_commit({{flights0, 10, 20}});
  subject.must_hold(flights0, 20);
}

void refused_leaves_no_trace(const StoreUnderTest& store) {
  ConformanceSubject subject{store};
  subject.must_commit({{flights0, 0, 10}});
  subject.must_conflict({{flights1, 0, 5}, {flights0, 3, 4}}, {flights0, 10});
  subject.must_refuse({{flights1, 0, 5}, {flights0, 10, -1}});
  subject.reopen();
  subject.must_hold(flights0, 10);
  subject.must_hold(flights1, std::nullopt);
}

void long_history_survives(const StoreUnderTest& store) {
  ConformanceSubject subject{store};
  constexpr std::int64_t commits = 2'000;
  for (std::int64_t i = 0; i < commits; ++i) subject.must_commit({{flights0, i, i + 1}, {flights1, i * 7, i * 7 + 7}});
  subject.reopen();
  subject.must_hold(flights0, commits);
  subject.must_hold(flights1, commits * 7);
}

}  // namespace

std::vector<ConformanceSpec> durability_checks() {
  return {{"offsets survive reopening", {Need::reopening}, survive_reopening},
          {"what was a conflict still is one after reopening", {Need::reopening, Need::comparing}, still_conflict},
          {"a commit that was refused leaves nothing behind after reopening",
           {Need::reopening, Need::comparing},
           refused_leaves_no_trace},
          {"the last of 2,000 commits is there after reopening", {Need::reopening}, long_history_survives}};
}

}  // namespace tidemark::testing
