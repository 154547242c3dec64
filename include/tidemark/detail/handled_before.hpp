#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <tidemark/batch.hpp>
#include <tidemark/detail/record_run.hpp>
#include <tidemark/topic_partition.hpp>

namespace tidemark::detail {

/// What a call of the handler that failed as a whole has done with the records of its batch, for the next one: it spares those that were
/// handled, and goes on counting the calls that failed.
class HandledBefore {
 public:
  /// The numbers of the records that are still to do.
  template <class T>
  std::vector<std::uint32_t> left_of(const Batch<T>& batch) {
    if (batch.attempt() == 1) {
      offsets_.clear();
      failed_.clear();
    }
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

  template <class T>
  void add_failed(const Record<T>& record, std::shared_ptr<FailedCalls> calls) {
    failed_[{record.topic(), record.partition()}].insert_or_assign(record.offset(), std::move(calls));
  }

  /// Null where none failed.
  template <class T>
  std::shared_ptr<FailedCalls> failed_calls(const Record<T>& record) const {
    if (failed_.empty()) return nullptr;
    const auto partition = failed_.find({record.topic(), record.partition()});
    if (partition == failed_.end()) return nullptr;
    const auto found = partition->second.find(record.offset());
    return found == partition->second.end() ? nullptr : found->second;
  }

 private:
  template <class T>
  bool contains(const Record<T>& record) const {
    const auto found = offsets_.find({record.topic(), record.partition()});
    return found != offsets_.end() && found->second.contains(record.offset());
  }

  std::unordered_map<TopicPartition, std::unordered_set<std::int64_t>> offsets_;
  std::unordered_map<TopicPartition, std::unordered_map<std::int64_t, std::shared_ptr<FailedCalls>>> failed_;
};

}  // namespace tidemark::detail
