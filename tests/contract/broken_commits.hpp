#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include <tidemark/error.hpp>

#include "contract/broken_store.hpp"

namespace tidemark::testing {

namespace broken {

inline std::int64_t force(MemoryOffsetStore& inner, const GroupSession& session, const OffsetRange& range) {
  const StoredOffset offset{range.partition, range.until};
  inner.overwrite(session.group, {&offset, 1});
  return range.until;
}

/// A commit that changes its ranges before it hands them on.
inline Tweaks changing(const std::function<void(std::vector<OffsetRange>&)>& change) {
  return {.commit = [change](auto& inner, const auto& session, auto ranges) {
    std::vector<OffsetRange> changed(ranges.begin(), ranges.end());
    change(changed);
    return inner.commit(session, changed);
  }};
}

/// Compares and sets in two steps, and waits between them for somebody to come in between.
inline Tweaks unlocked() {
  const auto between = std::make_shared<std::atomic<int>>(0);
  return {.commit = [between](auto& inner, const auto& session, auto ranges) -> Committed {
    for (const auto& range : ranges)
      if (const auto next = stored(inner, session, range.partition); next && next != range.from && next != range.until)
        return Conflict{range.partition, next};
    ++*between;
    for (int i = 0; i < 1'000 && *between < 2; ++i) std::this_thread::yield();
    for (const auto& range : ranges) force(inner, session, range);
    --*between;
    return std::nullopt;
  }};
}

}  // namespace broken

inline std::vector<BrokenStore> broken_commits() {
  using namespace broken;
  return {
      {"stores the last offset, not the next", "commit stores where each range ends",
       tweaked(changing([](auto& ranges) {
         for (auto& range : ranges) range.until = std::max<std::int64_t>(range.until - 1, 0);
       }))},
      {"expects 0 where nothing is stored", "where nothing is stored a range goes through wherever it begins",
       tweaked({.commit = [](auto& inner, const auto& session, auto ranges) -> Committed {
         for (const auto& range : ranges)
           if (range.from != range.until && range.from != 0 && !stored(inner, session, range.partition))
             return Conflict{range.partition, std::nullopt};
         return inner.commit(session, ranges);
       }})},
      {"skips empty ranges", "an empty range stores a start position",
       tweaked(changing([](auto& ranges) { std::erase_if(ranges, [](auto& r) { return r.from == r.until; }); }))},
      {"never goes back", "a range that ends before it begins moves the offset back",
       tweaked(changing([](auto& ranges) {
         for (auto& range : ranges)
           if (range.until >= 0) range.until = std::max(range.from, range.until);
       }))},
      {"takes negative offsets for 0", "negative offsets are refused and change nothing",
       tweaked(changing([](auto& ranges) {
         for (auto& range : ranges) range.until = std::max<std::int64_t>(range.until, 0);
       }))},
      {"keeps the greatest offset and never compares", "a range that begins below the stored offset is a conflict",
       tweaked({.commit = [](auto& inner, const auto& session, auto ranges) -> Committed {
         for (auto range : ranges) {
           range.until = std::max(range.until, stored(inner, session, range.partition).value_or(0));
           force(inner, session, range);
         }
         return std::nullopt;
       }})},
      {"takes a range from ahead", "a range that begins above the stored offset is a conflict",
       tweaked({.commit = [](auto& inner, const auto& session, auto ranges) -> Committed {
         std::vector<OffsetRange> changed(ranges.begin(), ranges.end());
         for (auto& range : changed)
           if (const auto next = stored(inner, session, range.partition); next && range.from > *next)
             range.from = *next;
         return inner.commit(session, changed);
       }})},
      {"compares a stored 0 with nothing", "a stored 0 is compared like any other offset",
       tweaked({.commit = [](auto& inner, const auto& session, auto ranges) -> Committed {
         std::vector<OffsetRange> changed(ranges.begin(), ranges.end());
         for (auto& range : changed)
           if (stored(inner, session, range.partition) == 0 && range.until != 0) range.from = 0;
         return inner.commit(session, changed);
       }})},
      {"a start position wins", "a start position does not move what is stored",
       tweaked({.commit = [](auto& inner, const auto& session, auto ranges) -> Committed {
         for (const auto& range : ranges)
           if (range.from == range.until) force(inner, session, range);
         return inner.commit(session, ranges);
       }})},
      {"applies what stands before the conflict", "one conflict holds back every range of the commit",
       tweaked({.commit = [](auto& inner, const auto& session, auto ranges) -> Committed {
         for (const auto& range : ranges)
           if (const auto conflict = inner.commit(session, {&range, 1})) return conflict;
         return std::nullopt;
       }})},
      {"returns the last conflict", "of several conflicts the first is returned",
       tweaked({.commit =
                    [](auto& inner, const auto& session, auto ranges) {
                      std::vector<OffsetRange> reversed(ranges.rbegin(), ranges.rend());
                      return inner.commit(session, reversed);
                    }})},
      {"does not say what is stored", "a range that begins below the stored offset is a conflict",
       tweaked({.commit =
                    [](auto& inner, const auto& session, auto ranges) {
                      auto conflict = inner.commit(session, ranges);
                      if (conflict) conflict->stored.reset();
                      return conflict;
                    }})},
      {"meets a conflict at its own repeat", "a range whose end is stored already counts as done",
       tweaked({.commit = [](auto& inner, const auto& session, auto ranges) -> Committed {
         for (const auto& range : ranges)
           if (const auto next = stored(inner, session, range.partition); next && next != range.from)
             return Conflict{range.partition, next};
         return inner.commit(session, ranges);
       }})},
      {"takes one range that was done for all", "a range that was done does not cover a conflict beside it",
       tweaked({.commit = [](auto& inner, const auto& session, auto ranges) -> Committed {
         for (const auto& range : ranges)
           if (stored(inner, session, range.partition) == range.until) return std::nullopt;
         return inner.commit(session, ranges);
       }})},
      {"refuses a commit that was done in part", "a commit that was done in part goes through for the rest",
       tweaked({.commit = [](auto& inner, const auto& session, auto ranges) -> Committed {
         std::size_t done = 0;
         for (const auto& range : ranges) done += stored(inner, session, range.partition) == range.until ? 1u : 0u;
         if (done > 0 && done < ranges.size()) return Conflict{ranges[0].partition, ranges[0].until};
         return inner.commit(session, ranges);
       }})},
      {"commits in chunks of 1,000", "the last of 10,000 ranges holds back all",
       tweaked({.commit = [](auto& inner, const auto& session, auto ranges) -> Committed {
         for (; ranges.size() > 1'000; ranges = ranges.subspan(1'000))
           if (const auto conflict = inner.commit(session, ranges.first(1'000))) return conflict;
         return inner.commit(session, ranges);
       }})},
      {"compares and sets in two steps", "of concurrent committers exactly one moves each range", tweaked(unlocked())},
      {"is always busy", "of concurrent committers exactly one moves each range",
       tweaked({.commit = [](auto& inner, const auto& session, auto ranges) -> Committed {
         if (ranges.front().until > 0) throw StoreError{"busy", StoreError::Retry::yes};
         return inner.commit(session, ranges);
       }})},
      {"one thread's commit meets another's", "threads with partitions of their own do not disturb each other",
       tweaked({.commit = [](auto& inner, const auto& session, auto ranges) -> Committed {
         const auto all = inner.list(session.group);
         if (ranges.size() == 1 && all.size() > 1 && ranges[0].from >= 1'000 && ranges[0].from < 1'010)
           return Conflict{ranges[0].partition, all.back().next};
         return inner.commit(session, ranges);
       }})},
  };
}

}  // namespace tidemark::testing
