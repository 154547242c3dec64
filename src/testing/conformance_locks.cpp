#include <atomic>
#include <chrono>

#include <fmt/format.h>

#include <tidemark/error.hpp>

#include "testing/conformance_failure.hpp"
#include "testing/conformance_spec.hpp"
#include "testing/conformance_subject.hpp"
#include "testing/contest.hpp"

namespace tidemark::testing {

namespace {

/// Whether a race goes on: for some seconds, and for some rounds where the store is slow.
class Race {
 public:
  bool goes_on(std::int64_t round) const { return round <= least_rounds || Clock::now() < end_; }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::int64_t least_rounds = 20;

  Clock::time_point end_ = Clock::now() + std::chrono::seconds{2};
};

/// Ends the other threads' part, however this one ends.
class EndsWithMe {
 public:
  explicit EndsWithMe(std::atomic<bool>& done) : done_{done} {}
  ~EndsWithMe() { done_ = true; }
  EndsWithMe(const EndsWithMe&) = delete;
  EndsWithMe& operator=(const EndsWithMe&) = delete;

 private:
  std::atomic<bool>& done_;
};

/// Calls `action` until it gets through: of callers that meet, a store may send some away.
template <class Action>
auto insist(const Action& action) {
  constexpr int patience = 100;
  for (int attempt = 1;; ++attempt) {
    try {
      return action();
    } catch (const StoreError& error) {
      if (!error.is_retryable() || attempt == patience) throw;
    }
  }
}

void loads_are_whole(const StoreUnderTest& store) {
  ConformanceSubject subject{store};
  std::vector<TopicPartition> partitions;
  for (std::int32_t i = 0; i < 16; ++i) partitions.push_back({"flights", i});
  subject.announce(partitions.back());
  const auto ranges_to = [&](std::int64_t until) {
    std::vector<OffsetRange> ranges;
    for (const auto& partition : partitions) ranges.push_back({partition, until - 1, until});
    return ranges;
  };
  subject.must_commit(ranges_to(1));
  std::atomic<bool> done = false;
  const Race race;
  contest(3, [&](int thread, const Meet& meet) {
    meet();
    const EndsWithMe ends{done};
    if (thread == 0) {
      for (std::int64_t until = 2; race.goes_on(until) && !done; ++until)
        if (insist([&] { return subject.store().commit(subject.session(), ranges_to(until)); })) break;
      return;
    }
    while (!done) {
      const auto stored = insist([&] { return subject.store().load(subject.session(), partitions); });
      for (std::size_t i = 0; i < stored.size(); ++i)
        if (stored[i] != stored.front())
          throw ConformanceFailure{fmt::format(
              "while {} partitions were moved together, one load saw {} at {} and {} at {}", partitions.size(),
              text_of(partitions.front()), text_of(stored.front()), text_of(partitions[i]), text_of(stored[i]))};
    }
  });
}

void overwrite_is_not_lost(const StoreUnderTest& store) {
  ConformanceSubject subject{store};
  const TopicPartition flights0{"flights", 0};
  constexpr std::int64_t far = 1'000'000'000;
  subject.must_commit({{flights0, 0, 0}});
  const auto stored = [&] {
    return insist([&] { return subject.store().load(subject.session(), {&flights0, 1}); }).front().value_or(-1);
  };
  std::atomic<bool> done = false;
  const Race race;
  contest(2, [&](int thread, const Meet& meet) {
    meet();
    const EndsWithMe ends{done};
    if (thread == 0) {
      while (!done) {
        const auto next = stored();
        const OffsetRange range{flights0, next, next + 1};
        insist([&] { return subject.store().commit(subject.session(), {&range, 1}); });
      }
      return;
    }
    for (std::int64_t round = 1; race.goes_on(round); ++round) {
      const StoredOffset reset{flights0, round * far};
      insist([&] { subject.catalog().overwrite(kit_group, {&reset, 1}); });
      // Commits that compared before it must meet it as a conflict; those after it go on from it.
      for (int look = 0; look < 3; ++look)
        if (const auto now = stored(); now < reset.next)
          throw ConformanceFailure{
              fmt::format("{} was overwritten with {}, and then a commit that had compared before set it to {}",
                          text_of(flights0), reset.next, now)};
    }
  });
}

void erase_is_not_undone(const StoreUnderTest& store) {
  ConformanceSubject subject{store};
  const std::vector<TopicPartition> partitions{{"flights", 0}, {"flights", 1}};
  std::vector<OffsetRange> start{{partitions[0], 0, 1}, {partitions[1], 0, 1}};
  subject.must_commit(start);
  std::atomic<bool> done = false;
  const Race race;
  contest(2, [&](int thread, const Meet& meet) {
    meet();
    const EndsWithMe ends{done};
    if (thread == 0) {
      for (std::int64_t round = 0; race.goes_on(round) && !done; ++round)
        insist([&] { subject.catalog().erase(kit_group, partitions); });
      return;
    }
    for (std::int64_t next = 1; !done; ++next) {
      const std::vector<OffsetRange> onward{{partitions[0], next, next + 1}, {partitions[1], next, next + 1}};
      if (insist([&] { return subject.store().commit(subject.session(), onward); }))
        throw ConformanceFailure{
            "two partitions are moved together by one thread and erased by another, and a commit met a conflict: what "
            "was erased has come back, or was erased in part"};
      const auto stored = insist([&] { return subject.store().load(subject.session(), partitions); });
      if (stored[0].has_value() != stored[1].has_value())
        throw ConformanceFailure{"one call erases two partitions, and a load saw one of them without the other"};
    }
  });
}

}  // namespace

std::vector<ConformanceSpec> lock_checks() {
  return {{"a load sees a commit to several partitions whole, or not at all",
           {Need::comparing, Need::loads_together},
           loads_are_whole},
          {"what was overwritten is not undone by a commit that compared before",
           {Need::catalog, Need::comparing},
           overwrite_is_not_lost},
          {"erase of several partitions is seen whole, or not at all",
           {Need::catalog, Need::comparing, Need::loads_together},
           erase_is_not_undone}};
}

}  // namespace tidemark::testing
