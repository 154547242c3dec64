#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include <tidemark/error.hpp>

#include "contract/broken_store.hpp"

namespace tidemark::testing {

inline std::vector<BrokenStore> broken_reads() {
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

}  // namespace tidemark::testing
