#pragma once

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "contract/broken_store.hpp"

namespace tidemark::testing {

namespace broken {

inline StoreUnderTest forked_copies(StoreCapabilities capabilities) { return tweaked({}, capabilities); }

}  // namespace broken

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
      {"names groups as they come", "the catalog names the groups that have offsets",
       catalog({.groups =
                    [](auto& inner) {
                      auto all = inner.groups();
                      std::ranges::reverse(all);
                      return all;
                    }})},
      {"names whoever has stored something once", "the catalog names no group whose offsets were erased",
       catalog({.groups =
                    [ever = std::make_shared<std::set<std::string>>()](auto& inner) {
                      ever->merge(std::set<std::string>{"billing"});
                      for (auto& group : inner.groups()) ever->insert(std::move(group));
                      return std::vector<std::string>{ever->begin(), ever->end()};
                    }})},
      {"names groups as they are in its files", "the catalog names groups as they were named",
       catalog({.groups =
                    [](auto& inner) {
                      auto all = inner.groups();
                      for (auto& group : all) std::ranges::replace(group, '/', '_');
                      return all;
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

}  // namespace tidemark::testing
