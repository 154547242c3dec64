#pragma once

#include <algorithm>
#include <atomic>
#include <memory>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include <tidemark/error.hpp>

#include "contract/tweaked_store.hpp"

namespace tidemark::testing {

/// A mistake that a store may make, and the check that is there for it.
struct BrokenStore {
  std::string mistake;
  std::string caught_by;
  StoreUnderTest store;
};

namespace broken {

inline std::int64_t force(MemoryOffsetStore& inner, const GroupSession& session, const OffsetRange& range) {
  const StoredOffset offset{range.partition, range.until};
  inner.overwrite(session.group, {&offset, 1});
  return range.until;
}

inline std::optional<std::int64_t> stored(MemoryOffsetStore& inner, const GroupSession& session,
                                          const TopicPartition& partition) {
  return inner.load(session, {&partition, 1}).front();
}

/// A store that keeps each offset under a name made of group, topic and partition.
inline Tweaks renaming(const std::function<std::string(std::string_view, const TopicPartition&)>& rename) {
  return {.load =
              [rename](auto& inner, const auto& session, auto partitions) {
                std::vector<TopicPartition> renamed;
                for (const auto& partition : partitions) renamed.push_back({rename(session.group, partition), 0});
                return inner.load({"all"}, renamed);
              },
          .commit = [rename](auto& inner, const auto& session, auto ranges) -> Committed {
            std::vector<OffsetRange> renamed;
            for (const auto& range : ranges)
              renamed.push_back({{rename(session.group, range.partition), 0}, range.from, range.until});
            const auto conflict = inner.commit({"all"}, renamed);
            if (!conflict) return std::nullopt;
            for (std::size_t i = 0; i < ranges.size(); ++i)
              if (renamed[i].partition == conflict->partition) return Conflict{ranges[i].partition, conflict->stored};
            return conflict;
          }};
}

inline std::string joined(std::string_view group, const TopicPartition& partition, std::string_view separator) {
  return std::string{group}.append(separator).append(partition.topic).append("\n") +
         std::to_string(partition.partition);
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

inline StoreUnderTest forked_copies(StoreCapabilities capabilities) { return tweaked({}, capabilities); }

}  // namespace broken

inline std::vector<BrokenStore> broken_reads() {
  using namespace broken;
  return {
      {"absent is 0", "an offset that was never stored is absent, not 0",
       tweaked({.load =
                    [](auto& inner, const auto& session, auto partitions) {
                      auto next = inner.load(session, partitions);
                      for (auto& offset : next) offset = offset.value_or(0);
                      return next;
                    }})},
      {"0 is absent", "a stored 0 is 0, not absent",
       tweaked({.load =
                    [](auto& inner, const auto& session, auto partitions) {
                      auto next = inner.load(session, partitions);
                      for (auto& offset : next)
                        if (offset == 0) offset.reset();
                      return next;
                    }})},
      {"answers in an order of its own", "load answers in the order asked",
       tweaked({.load =
                    [](auto& inner, const auto& session, auto partitions) {
                      std::vector<TopicPartition> sorted(partitions.begin(), partitions.end());
                      std::ranges::sort(sorted);
                      return inner.load(session, sorted);
                    }})},
      {"answers each partition once", "load answers a partition as often as it is asked for",
       tweaked({.load =
                    [](auto& inner, const auto& session, auto partitions) {
                      std::vector<TopicPartition> unique;
                      for (const auto& partition : partitions)
                        if (std::ranges::find(unique, partition) == unique.end()) unique.push_back(partition);
                      return inner.load(session, unique);
                    }})},
      {"cannot be asked for nothing", "to load or commit nothing does nothing",
       tweaked({.load =
                    [](auto& inner, const auto& session, auto partitions) {
                      if (partitions.empty()) throw StoreError{"syntax error at ()", StoreError::Retry::no};
                      return inner.load(session, partitions);
                    }})},
      {"offsets pass through a double", "offsets up to 2^63-1 are stored exactly",
       tweaked({.load =
                    [](auto& inner, const auto& session, auto partitions) {
                      auto next = inner.load(session, partitions);
                      for (auto& offset : next)
                        if (offset && *offset < std::int64_t{1} << 60)
                          offset = static_cast<std::int64_t>(static_cast<float>(*offset));
                      return next;
                    }})},
      {"takes a 1,000 partitions at most", "10,000 partitions go through one commit and one load",
       tweaked({.load =
                    [](auto& inner, const auto& session, auto partitions) {
                      auto next =
                          inner.load(session, partitions.first(std::min<std::size_t>(partitions.size(), 1'000)));
                      next.resize(partitions.size());
                      return next;
                    }})},
  };
}

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

inline std::vector<BrokenStore> broken_names() {
  using namespace broken;
  return {
      {"ignores the topic", "topics and partitions do not see each other's offsets",
       tweaked(renaming([](auto group, const auto& partition) {
         return joined(group, {"", partition.partition}, "\n");
       }))},
      {"joins topic and partition", "topics and partitions do not see each other's offsets",
       tweaked(renaming([](auto group, const auto& partition) {
         return joined(group, {partition.topic + std::to_string(partition.partition), 0}, "\n");
       }))},
      {"ignores the group", "groups do not see each other's offsets",
       tweaked(renaming([](auto, const auto& partition) { return joined("", partition, "\n"); }))},
      {"joins names with a dash", "names that look alike when joined are told apart",
       tweaked(renaming([](auto group, const auto& partition) { return joined(group, partition, "-"); }))},
      {"joins names with a colon", "odd names that look alike when joined are told apart",
       tweaked(renaming([](auto group, const auto& partition) { return joined(group, partition, ":"); }))},
      {"16 bits for a partition", "partition numbers up to 2^31-1 are told apart",
       tweaked(renaming([](auto group, const auto& partition) {
         return joined(group, {partition.topic, partition.partition & 0xffff}, "\n\n");
       }))},
      {"does not tell A from a", "every topic name that Kafka allows is taken",
       tweaked(renaming([](auto group, const auto& partition) {
         auto topic = partition.topic;
         for (auto& c : topic)
           if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
         return joined(group, {topic, partition.partition}, "\n\n");
       }))},
      {"cuts topics at NUL", "odd topic names are told apart", tweaked(renaming([](auto group, const auto& partition) {
         return joined(group, {partition.topic.c_str(), partition.partition}, "\n\n");
       }))},
      {"cuts groups at 255 bytes", "odd group names are told apart",
       tweaked(renaming(
           [](auto group, const auto& partition) { return joined(group.substr(0, 255), partition, "\n\n"); }))},
  };
}

inline std::vector<BrokenStore> broken_storages() {
  using namespace broken;
  const StoreCapabilities one_process{.processes = Processes::one};
  const auto catalog = [](Tweaks tweaks) { return tweaked(tweaks); };
  return {
      {"loses everything when closed", "offsets survive reopening", tweaked({}, {.processes = Processes::none}, false)},
      {"loses everything when closed", "the last of 2,000 commits is there after reopening",
       tweaked({}, {.processes = Processes::none}, false)},
      {"loses everything when closed", "what was a conflict still is one after reopening",
       tweaked({}, {.processes = Processes::none}, false)},
      {"loses everything when closed", "what the catalog changed survives reopening",
       tweaked({}, {.processes = Processes::none}, false)},
      {"writes before it compares", "a commit that was refused leaves nothing behind after reopening",
       tweaked({.commit = [](auto& inner, const auto& session, auto ranges) -> Committed {
         if (!stored(inner, session, ranges.front().partition)) inner.commit(session, ranges.first(1));
         return inner.commit(session, ranges);
       }})},
      {"each process has offsets of its own", "of two processes exactly one moves each range", forked_copies({})},
      {"each process has offsets of its own", "what a killed process committed is there for the next",
       forked_copies({})},
      {"each store has offsets of its own", "two stores open on the same storage see each other's commits",
       tweaked({}, {}, false)},
      {"takes no lock", "whoever opens the storage second is refused with a StoreError", forked_copies(one_process)},
      {"lists as it comes", "the catalog lists by topic and partition",
       catalog({.list =
                    [](auto& inner, auto group) {
                      auto all = inner.list(group);
                      std::ranges::reverse(all);
                      return all;
                    }})},
      {"orders partitions as text", "the catalog orders partitions as numbers",
       catalog({.list =
                    [](auto& inner, auto group) {
                      auto all = inner.list(group);
                      std::ranges::sort(all, {}, [](const auto& offset) {
                        return offset.partition.topic + "/" + std::to_string(offset.partition.partition);
                      });
                      return all;
                    }})},
      {"lists groups that begin alike", "the catalog lists one group, and nothing for one it does not know",
       catalog({.list =
                    [](auto& inner, auto group) {
                      auto all = inner.list(group);
                      return all.empty() ? inner.list(std::string{group} + "ing") : all;
                    }})},
      {"forgets what is not overwritten", "overwrite sets what is named, whatever is stored",
       catalog({.overwrite =
                    [](auto& inner, auto group, auto offsets) {
                      for (const auto& offset : inner.list(group)) inner.erase(group, {&offset.partition, 1});
                      inner.overwrite(group, offsets);
                    }})},
      {"overwrites one by one", "overwrite refuses negative offsets and changes nothing",
       catalog({.overwrite =
                    [](auto& inner, auto group, auto offsets) {
                      for (const auto& offset : offsets) inner.overwrite(group, {&offset, 1});
                    }})},
      {"erases to 0", "erase makes absent what is named, and nothing else",
       catalog({.erase =
                    [](auto& inner, auto group, auto partitions) {
                      for (const auto& partition : partitions) {
                        const StoredOffset zero{partition, 0};
                        inner.overwrite(group, {&zero, 1});
                      }
                    }})},
      {"overwrites only forward", "a consumer meets an overwritten offset as a conflict",
       catalog({.overwrite =
                    [](auto& inner, auto group, auto offsets) {
                      for (const auto& offset : offsets)
                        if (offset.next >= stored(inner, {group}, offset.partition).value_or(0))
                          inner.overwrite(group, {&offset, 1});
                    }})},
  };
}

inline std::vector<BrokenStore> broken_stores() {
  std::vector<BrokenStore> all;
  for (const auto& some : {broken_reads(), broken_commits(), broken_names(), broken_storages()})
    all.insert(all.end(), some.begin(), some.end());
  return all;
}

}  // namespace tidemark::testing
