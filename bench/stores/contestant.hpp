#pragma once

#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include <tidemark/offset_store.hpp>

namespace tidemark::bench {

/// Commits through one store, beside what one would do by hand with its client: the same partitions moved by the same steps, as durable,
/// on the same server, in one call. The two have their own group, or file.
///
/// stores/NAME.cpp defines `Contestant NAME_contestant(int partitions)`, which starts what it needs and stores a first offset on both
/// sides, and stores/NAME.cmake links what it uses; nothing else is to be changed. The functions keep alive what they need.
struct Contestant {
  std::string bare;  ///< What is called by hand.
  std::function<void(std::int64_t batch)>
      commit;  ///< Commit number `batch`: 0, 1, 2 …, from first_of(batch) to first_of(batch + 1).
  std::function<void(std::int64_t batch)> commit_bare;
};

/// Where the ranges of a batch begin. The numbers grow longer, as real ones do.
inline std::int64_t first_of(std::int64_t batch) { return 1'000'000 + batch * 1'000; }

inline std::vector<OffsetRange> ranges_of(std::int64_t batch, int partitions) {
  std::vector<OffsetRange> ranges;
  ranges.reserve(static_cast<std::size_t>(partitions));
  for (int p = 0; p < partitions; ++p) ranges.push_back({{"records", p}, first_of(batch), first_of(batch + 1)});
  return ranges;
}

/// The commit of a store as a benchmark wants it: a conflict is an error.
inline void must_commit(OffsetStore& store, std::int64_t batch, int partitions) {
  if (store.commit({.group = "bench"}, ranges_of(batch, partitions))) throw std::runtime_error{"a conflict"};
}

}  // namespace tidemark::bench
