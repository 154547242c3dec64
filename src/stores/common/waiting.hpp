#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "stores/common/deadline.hpp"

namespace tidemark::stores {

/// Waits for `is_true`, which `changed` tells of. False where the deadline was over first.
template <class Predicate>
bool wait_until(std::condition_variable& changed, std::unique_lock<std::mutex>& lock, const Deadline& deadline,
                Predicate is_true) {
  while (!changed.wait_for(lock, deadline.until_next_look(), is_true))
    if (deadline.is_over()) return is_true();
  return true;
}

/// Sleeps for so long, or until the caller waits no longer.
inline void sleep_for(std::chrono::milliseconds time) {
  for (const Deadline deadline{time}; !deadline.is_over();) std::this_thread::sleep_for(deadline.until_next_look());
}

}  // namespace tidemark::stores
