#pragma once

#include "engine/batch_reader.hpp"

namespace tidemark::engine {

/// Holds the lock, having made a reader that waits for messages give way. By the worker's own thread, or by the control thread: an observer,
/// which is called under the lock, would wait for itself (invariant 25).
class BatchReader::Visit {
 public:
  explicit Visit(BatchReader& reader) : reader_{reader}, lock_{reader.mutex_, std::try_to_lock} {
    if (lock_.owns_lock()) return;
    ++reader_.visitors_;
    reader_.lane_.wake();
    lock_.lock();
    --reader_.visitors_;
  }
  ~Visit() {
    lock_.unlock();
    reader_.visitors_gone_.notify_one();
  }
  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;

 private:
  BatchReader& reader_;
  std::unique_lock<std::mutex> lock_;
};

}  // namespace tidemark::engine
