#include <fmt/format.h>

#include <mutex>

#include "testing/commit_race.hpp"
#include "testing/conformance_failure.hpp"
#include "testing/conformance_spec.hpp"
#include "testing/conformance_subject.hpp"
#include "testing/contest.hpp"

namespace tidemark::testing {

namespace {

constexpr int committers = 4;
constexpr std::int64_t steps = 200;

void one_winner_each(const StoreUnderTest& store) {
  ConformanceSubject subject{store};
  const std::vector<TopicPartition> partitions{{"flights", 0}, {"flights", 1}, {"airports", 0}};
  for (const auto& partition : partitions) subject.announce(partition);
  const CommitRace race{partitions, steps};
  race.prepare(subject.store(), subject.session());

  std::mutex mutex;
  std::vector<Win> wins;
  contest(committers, [&](int committer, const Meet& meet) {
    const auto won = race.run(subject.store(), subject.session(), committer, meet);
    const std::lock_guard lock{mutex};
    wins.insert(wins.end(), won.begin(), won.end());
  });
  race.judge(wins, subject.store(), subject.session());
}

void strangers_do_not_meet(const StoreUnderTest& store) {
  ConformanceSubject subject{store};
  const auto topic = [](int committer) { return TopicPartition{"flights", committer}; };
  subject.announce(topic(committers - 1));
  contest(committers, [&](int committer, const Meet& meet) {
    meet();
    for (std::int64_t step = 0; step < steps; ++step) {
      const OffsetRange range{topic(committer), step * 10, step * 10 + 10};
      if (const auto conflict = subject.store().commit(subject.session(), {&range, 1}))
        throw ConformanceFailure{fmt::format("{} was moved by one thread only, yet its commit from {} met {}",
                                             text_of(range.partition), range.from, text_of(conflict->stored))};
    }
  });
  for (int i = 0; i < committers; ++i) subject.must_hold(topic(i), steps * 10);
}

}  // namespace

std::vector<ConformanceSpec> race_checks() {
  return {{"of concurrent committers exactly one moves each range", {Need::comparing}, one_winner_each},
          {"threads with partitions of their own do not disturb each other", {}, strangers_do_not_meet}};
}

}  // namespace tidemark::testing
