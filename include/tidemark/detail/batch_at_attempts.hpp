#pragma once

#include <map>
#include <mutex>

#include <tidemark/batch.hpp>

namespace tidemark::detail {

/// A batch as the calls for its records see it, each with the number of its attempt.
///
/// Thread safety: shared objects safe.
/// Lifetime:      what at() returns is valid as long as this and the batch.
template <class T>
class BatchAtAttempts {
 public:
  explicit BatchAtAttempts(const Batch<T>& batch) : batch_{batch} {}

  const Batch<T>& at(int attempt) {
    if (attempt == batch_.attempt()) return batch_;  // nearly always, so without the lock
    const std::lock_guard lock{mutex_};
    return others_.try_emplace(attempt, BatchParts::at_attempt(batch_, attempt)).first->second;
  }

 private:
  const Batch<T>& batch_;
  std::mutex mutex_;
  std::map<int, Batch<T>> others_;
};

}  // namespace tidemark::detail
