#pragma once

#include <cstdint>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <tidemark/batch.hpp>
#include <tidemark/topic_partition.hpp>

namespace tidemark::detail {

/// Which records of a batch a call that failed as a whole has handled all the same: so that the next one spares them.
class HandledBefore {
 public:
  /// The numbers of the records that are still to do.
  template <class T>
  std::vector<std::uint32_t> left_of(const Batch<T>& batch) {
    if (batch.attempt() == 1) offsets_.clear();
    std::vector<std::uint32_t> left;
    left.reserve(batch.size());
    for (std::uint32_t i = 0; i < batch.size(); ++i)
      if (offsets_.empty() || !contains(batch[i])) left.push_back(i);
    return left;
  }

  template <class T>
  void add(const Batch<T>& batch, const Record<T>& record) {
    // What was rejected must be so anew: a call that fails has rejected nothing.
    if (!batch.is_rejected(record)) offsets_[{record.topic(), record.partition()}].insert(record.offset());
  }

 private:
  template <class T>
  bool contains(const Record<T>& record) const {
    const auto found = offsets_.find({record.topic(), record.partition()});
    return found != offsets_.end() && found->second.contains(record.offset());
  }

  std::unordered_map<TopicPartition, std::unordered_set<std::int64_t>> offsets_;
};

}  // namespace tidemark::detail
