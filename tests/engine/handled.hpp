#pragma once

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include <tidemark/batch.hpp>

#include "engine/running.hpp"
#include "support/eventually.hpp"

namespace tidemark::test {

/// What a handler was given, for other threads to look at.
class Handled {
 public:
  struct Record {
    TopicPartition partition;
    std::int64_t offset = 0;
    std::string value;
  };

  struct Batch {
    std::vector<Record> records;
    std::vector<OffsetRange> ranges;
    int attempt = 0;
  };

  void operator()(const tidemark::Batch<>& batch) {
    Batch copy{{}, {batch.ranges().begin(), batch.ranges().end()}, batch.attempt()};
    for (const auto& record : batch)
      copy.records.push_back(
          {{record.topic(), record.partition()}, record.offset(), std::string{record.value().text()}});
    const std::lock_guard lock{mutex_};
    batches_.push_back(std::move(copy));
  }

  std::vector<Batch> batches() const {
    const std::lock_guard lock{mutex_};
    return batches_;
  }

  std::size_t count() const {
    const std::lock_guard lock{mutex_};
    std::size_t all = 0;
    for (const auto& batch : batches_) all += batch.records.size();
    return all;
  }

  /// Of one partition, in the order they were handled.
  std::vector<std::int64_t> offsets(const TopicPartition& partition) const {
    std::vector<std::int64_t> all;
    for (const auto& batch : batches())
      for (const auto& record : batch.records)
        if (record.partition == partition) all.push_back(record.offset);
    return all;
  }

  [[nodiscard]] bool reaches(std::size_t records) const {
    return eventually([&] { return count() >= records; }, patience);
  }

 private:
  mutable std::mutex mutex_;
  std::vector<Batch> batches_;
};

/// from, from + 1, … until - 1
inline std::vector<std::int64_t> offsets_between(std::int64_t from, std::int64_t until) {
  std::vector<std::int64_t> all;
  for (auto offset = from; offset < until; ++offset) all.push_back(offset);
  return all;
}

}  // namespace tidemark::test
