#pragma once

#include <algorithm>
#include <cstddef>
#include <map>
#include <vector>

#include <tidemark/topic_partition.hpp>

#include "core/invariant.hpp"

namespace tidemark::core {

/// Which worker has a partition. It stays with one worker from the moment it is owned until that worker has let go of it, even
/// when it was lost and came back meanwhile: so no two workers ever handle the same partition.
class WorkerMap {
 public:
  explicit WorkerMap(std::size_t workers) : loads_(workers) {}

  /// The partition's worker; a new one goes to where the fewest are.
  std::size_t place(const TopicPartition& partition) {
    TIDEMARK_EXPECTS(!loads_.empty());
    if (const auto found = places_.find(partition); found != places_.end()) return found->second;
    const auto worker = static_cast<std::size_t>(std::ranges::min_element(loads_) - loads_.begin());
    ++loads_[worker];
    places_.emplace(partition, worker);
    return worker;
  }

  void release(const TopicPartition& partition) {
    const auto found = places_.find(partition);
    if (found == places_.end()) return;
    TIDEMARK_INVARIANT(9, loads_[found->second] > 0);
    --loads_[found->second];
    places_.erase(found);
  }

 private:
  std::vector<std::size_t> loads_;
  std::map<TopicPartition, std::size_t> places_;
};

}  // namespace tidemark::core
