#include "testing/commit_race.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <tidemark/error.hpp>

#include "testing/conformance_failure.hpp"
#include "testing/conformance_subject.hpp"

namespace tidemark::testing {

namespace {

constexpr std::int64_t stride = 100;  // of one step; room for as many committers
constexpr int patience = 1'000;       // attempts in a row that move nothing

/// The win that leads on from `position`: the certain one, else an uncertain one that somebody built on.
const Win* next_win(const std::vector<Win>& wins, std::int64_t position, std::int64_t end) {
  const Win* found = nullptr;
  for (const auto& win : wins) {
    if (win.from != position || !win.certain) continue;
    if (found)
      throw ConformanceFailure{fmt::format("two committers were both told that they moved {}: to {}, and to {}",
                                           position, found->until, win.until)};
    found = &win;
  }
  if (found) return found;
  for (const auto& win : wins) {
    if (win.from != position) continue;
    if (win.until == end || std::ranges::find(wins, win.until, &Win::from) != wins.end()) return &win;
  }
  throw ConformanceFailure{
      fmt::format("the offset left {} and came to {}, but nobody was told to have moved it", position, end)};
}

}  // namespace

CommitRace::CommitRace(std::vector<TopicPartition> partitions, std::int64_t steps)
    : partitions_{std::move(partitions)}, goal_{steps * stride} {}

void CommitRace::prepare(OffsetStore& store, const GroupSession& session) const {
  std::vector<OffsetRange> start;
  for (const auto& partition : partitions_) start.push_back({partition, 0, 0});
  if (store.commit(session, start)) throw ConformanceFailure{"the start position 0 was a conflict on clean storage"};
}

std::vector<Win> CommitRace::run(OffsetStore& store, const GroupSession& session, int committer,
                                 const Meet& meet) const {
  return run(store, session, committer, meet,
             [&](std::span<const OffsetRange> ranges) { return store.commit(session, ranges); });
}

std::vector<Win> CommitRace::run(OffsetStore& store, const GroupSession& session, int committer, const Meet& meet,
                                 const Commit& commit) const {
  std::vector<Win> wins;
  std::int64_t position = -1;
  for (int standing = 0; standing < patience;) {
    bool attempted = false;
    Win win;
    try {
      const auto stored = store.load(session, std::span{partitions_}.first(1)).front();
      if (!stored) throw ConformanceFailure{"during the race load found nothing stored, although 0 was"};
      if (*stored < position)
        throw ConformanceFailure{
            fmt::format("the offset had come to {}, and then load returned {}", position, *stored)};
      if (*stored >= goal_) return wins;
      standing = *stored == position ? standing + 1 : 0;
      position = *stored;

      win = {*stored, (*stored / stride + 1) * stride + committer, true};
      std::vector<OffsetRange> ranges;
      for (const auto& partition : partitions_) ranges.push_back({partition, win.from, win.until});
      if (committer % 2 != 0) std::ranges::reverse(ranges);  // a store that locks in the order given would deadlock
      meet();
      attempted = true;
      if (!commit(ranges)) {
        wins.push_back(win);
        position = win.until;
      }
    } catch (const StoreError& error) {
      if (!error.is_retryable()) throw;
      if (attempted) wins.push_back({win.from, win.until, false});
      ++standing;
    }
  }
  throw ConformanceFailure{fmt::format("after {} attempts in a row the offset still stands at {}", patience, position)};
}

void CommitRace::judge(const std::vector<Win>& wins, OffsetStore& store, const GroupSession& session) const {
  const auto ends = store.load(session, partitions_);
  for (const auto& end : ends)
    if (end != ends.front())
      throw ConformanceFailure{fmt::format("partitions that were moved together stand apart: at {} and at {}",
                                           text_of(ends.front()), text_of(end))};
  const auto end = ends.front().value_or(-1);
  auto certain = std::ranges::count(wins, true, &Win::certain);
  for (std::int64_t position = 0; position != end;) {
    const auto* win = next_win(wins, position, end);
    if (win->certain) --certain;
    position = win->until;
  }
  if (certain > 0)
    throw ConformanceFailure{
        fmt::format("{} commits returned success, and what they stored was overwritten by others", certain)};
}

}  // namespace tidemark::testing
