#include <tidemark/testing/transactional_conformance.hpp>

#include <algorithm>
#include <mutex>
#include <utility>

#include <fmt/format.h>

#include <tidemark/error.hpp>

#include "testing/commit_race.hpp"
#include "testing/conformance_failure.hpp"
#include "testing/conformance_subject.hpp"
#include "testing/contest.hpp"
#include "testing/random_kills.hpp"
#include "testing/transactional_subject.hpp"

namespace tidemark::testing::detail {

namespace {

using Storage = std::function<AnyTransactionalStorage()>;

const TopicPartition flights0{"flights", 0};
const TopicPartition flights1{"flights", 1};

void applied_together(const Storage& storage) {
  TransactionalSubject subject{storage};
  subject.must_apply({{flights0, 0, 10}, {flights1, 0, 20}}, "total", "30");
  subject.must_read("total", "30");
  subject.must_hold(flights0, 10);
  subject.must_hold(flights1, 20);
  subject.must_apply({{flights0, 10, 15}}, "total", "35");
  subject.must_read("total", "35");
  subject.must_hold(flights0, 15);
}

void survives_reopening(const Storage& storage) {
  TransactionalSubject subject{storage};
  subject.must_apply({{flights0, 0, 10}}, "total", "10");
  subject.reopen();
  subject.must_read("total", "10");
  subject.must_hold(flights0, 10);
}

void unseen_before_commit(const Storage& storage) {
  TransactionalSubject subject{storage};
  const std::vector<OffsetRange> ranges{{flights0, 0, 10}};
  const auto transaction = subject.begin(ranges);
  transaction->write("total", "10");
  subject.must_read("total", std::nullopt);
  if (transaction->commit()) throw ConformanceFailure{"a transaction on clean storage met a conflict"};
  subject.must_read("total", "10");
}

void destroyed_is_rolled_back(const Storage& storage) {
  TransactionalSubject subject{storage};
  const std::vector<OffsetRange> ranges{{flights0, 0, 10}};
  subject.begin(ranges)->write("total", "10");
  subject.must_read("total", std::nullopt);
  subject.must_hold(flights0, std::nullopt);
  subject.must_apply(ranges, "total", "11");
  subject.must_read("total", "11");
  subject.must_hold(flights0, 10);
}

void conflict_is_rolled_back(const Storage& storage) {
  TransactionalSubject subject{storage};
  subject.must_store({{flights0, 0, 10}, {flights1, 0, 20}});
  subject.must_conflict({{flights0, 5, 15}}, "late", {flights0, 10});
  subject.must_conflict({{flights0, 12, 15}}, "early", {flights0, 10});
  subject.must_conflict({{flights0, 10, 15}, {flights1, 3, 25}}, "second", {flights1, 20});
  for (const auto* key : {"late", "early", "second"}) subject.must_read(key, std::nullopt);
  subject.must_hold(flights0, 10);
  subject.must_hold(flights1, 20);
  subject.must_apply({{flights0, 10, 15}, {flights1, 20, 25}}, "total", "40");
  subject.must_read("total", "40");
}

void applied_before_is_discarded(const Storage& storage) {
  TransactionalSubject subject{storage};
  const std::vector<OffsetRange> ranges{{flights0, 0, 10}, {flights1, 0, 20}};
  subject.must_apply(ranges, "total", "first time");
  subject.must_apply(ranges, "total", "second time");
  subject.must_read("total", "first time");
  subject.must_hold(flights0, 10);
  subject.must_hold(flights1, 20);
}

void applied_in_part_is_a_conflict(const Storage& storage) {
  TransactionalSubject subject{storage};
  subject.must_store({{flights0, 0, 10}, {flights1, 0, 20}});
  subject.must_store({{flights0, 10, 15}});
  subject.must_conflict({{flights0, 10, 15}, {flights1, 20, 25}}, "total", {flights0, 15});
  subject.must_conflict({{flights1, 20, 25}, {flights0, 10, 15}}, "total", {flights0, 15});
  subject.must_read("total", std::nullopt);
  subject.must_hold(flights0, 15);
  subject.must_hold(flights1, 20);
}

void stands_beside_plain_commits(const Storage& storage) {
  TransactionalSubject subject{storage};
  subject.must_store({{flights0, 42, 42}});
  subject.must_apply({{flights0, 42, 50}}, "total", "8");
  subject.must_store({{flights0, 50, 60}});
  subject.must_conflict({{flights0, 50, 55}}, "late", {flights0, 60});
  subject.must_read("late", std::nullopt);
}

/// Each committer leaves its name under the range that it moved: a result of a loser must never stand there.
void one_result_a_range(const Storage& storage) {
  TransactionalSubject subject{storage};
  const CommitRace race{{flights0, flights1}, 100};
  race.prepare(subject.store(), subject.session());
  std::mutex mutex;
  std::vector<Win> wins;
  contest(3, [&](int committer, const Meet& meet) {
    const auto apply = [&](std::span<const OffsetRange> ranges) {
      const auto transaction = subject.begin(ranges);
      transaction->write(fmt::format("from {}", ranges.front().from), fmt::format("to {}", ranges.front().until));
      return transaction->commit();
    };
    const auto won = race.run(subject.store(), subject.session(), committer, meet, apply);
    const std::lock_guard lock{mutex};
    wins.insert(wins.end(), won.begin(), won.end());
  });
  race.judge(wins, subject.store(), subject.session());
  for (const auto& win : wins)
    if (win.certain) subject.must_read(fmt::format("from {}", win.from), fmt::format("to {}", win.until));
}

/// Each transaction moves two partitions on by one, and stores where they stand as its result.
void killed_inside_commit(const Storage& make) {
  const auto storage = make();
  const GroupSession session{kit_group};
  const std::vector<TopicPartition> partitions{flights0, flights1};
  const auto work = [&](LineChannel& parent) {
    const auto opened = storage.open();
    for (;;) {
      const auto next = opened->load(session, partitions).front().value_or(0);
      const std::vector<OffsetRange> ranges{{flights0, next, next + 1}, {flights1, next, next + 1}};
      const auto transaction = storage.begin(*opened, session, ranges);
      transaction->write("total", fmt::to_string(next + 1));
      if (!transaction->commit()) parent.send(fmt::to_string(next + 1));
    }
  };
  kill_at_random(work, [&](std::int64_t acknowledged) {
    const auto opened = storage.open();
    const auto look = [&] { return opened->load(session, partitions); };
    auto stored = look();
    auto total = storage.read("total").value_or("0");
    // A server may still carry out the last transaction of the killed process. Between two equal answers it did not.
    for (auto again = look(); again != stored; again = look()) {
      stored = std::move(again);
      total = storage.read("total").value_or("0");
    }
    for (const auto& one : stored)
      if (one.value_or(0) < acknowledged || fmt::to_string(one.value_or(0)) != total)
        throw ConformanceFailure{
            fmt::format("a process was killed after a commit to {} had been acknowledged; now the offset is {} and the "
                        "result \"{}\": they were not stored together",
                        acknowledged, text_of(one), total)};
  });
}

struct TransactionalSpec {
  const char* name;
  void (*run)(const Storage&);
};

constexpr TransactionalSpec specs[] = {
    {"results and offsets are applied together", applied_together},
    {"results and offsets survive reopening", survives_reopening},
    {"results are not seen before commit", unseen_before_commit},
    {"a transaction that is destroyed without commit is rolled back", destroyed_is_rolled_back},
    {"a transaction that meets a conflict is rolled back", conflict_is_rolled_back},
    {"results of ranges that were applied before are discarded", applied_before_is_discarded},
    {"a transaction that was applied in part is a conflict", applied_in_part_is_a_conflict},
    {"transactions and plain commits see each other", stands_beside_plain_commits},
    {"of concurrent transactions exactly one applies each range", one_result_a_range},
    {transactional_kill_check, killed_inside_commit}};

}  // namespace

std::vector<ConformanceCheck> transactional_checks(std::function<AnyTransactionalStorage()> storage,
                                                   std::map<std::string, std::string> skip,
                                                   std::chrono::seconds check_limit) {
  using Outcome = ConformanceResult::Outcome;
  for (const auto& [name, why] : skip)
    if (std::ranges::find(specs, name, &TransactionalSpec::name) == std::end(specs))
      throw ConfigError{
          fmt::format("TransactionalStoreUnderTest::skip names \"{}\", and there is no such check", name)};

  std::vector<ConformanceCheck> checks;
  for (const auto& spec : specs) {
    if (const auto skipped = skip.find(spec.name); skipped != skip.end())
      checks.push_back({spec.name, [why = skipped->second] { return ConformanceResult{Outcome::skipped, why}; }});
    else
      checks.push_back({spec.name, [run = spec.run, storage, check_limit] {
                          return result_within(check_limit,
                                               [run, storage] { return result_of([&] { run(storage); }); });
                        }});
  }
  return checks;
}

}  // namespace tidemark::testing::detail
