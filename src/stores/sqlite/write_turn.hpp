#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>

#include "stores/common/deadline.hpp"

namespace tidemark::detail {

/// One writer at a time, first come, first served. SQLite's own waiting polls, and gives the lock to whoever looks first; threads of
/// one process are better served in turn.
///
/// Thread safety: shared objects safe; may be given back by another thread than took it.
class WriteTurn {
 public:
  /// False when the turn did not come in time.
  bool take(const stores::Deadline& deadline);
  void give_back() noexcept;

 private:
  struct Waiter {
    std::condition_variable granted;
    bool has_turn = false;
  };

  std::mutex mutex_;
  bool taken_ = false;
  std::deque<Waiter*> waiters_;
};

}  // namespace tidemark::detail
