#include "stores/sqlite/write_turn.hpp"

#include <algorithm>

#include "stores/common/waiting.hpp"

namespace tidemark::detail {

bool WriteTurn::take(const stores::Deadline& deadline) {
  std::unique_lock lock{mutex_};
  if (!taken_) {
    taken_ = true;
    return true;
  }
  Waiter waiter;
  waiters_.push_back(&waiter);
  if (stores::wait_until(waiter.granted, lock, deadline, [&] { return waiter.has_turn; })) return true;
  waiters_.erase(std::find(waiters_.begin(), waiters_.end(), &waiter));
  return false;
}

void WriteTurn::give_back() noexcept {
  const std::lock_guard lock{mutex_};
  if (waiters_.empty()) {
    taken_ = false;
    return;
  }
  // The turn goes over without becoming free, so that nobody overtakes. Notified under the lock: the waiter lives on its thread's
  // stack, and is gone once that thread gets the lock.
  auto* next = waiters_.front();
  waiters_.pop_front();
  next->has_turn = true;
  next->granted.notify_one();
}

}  // namespace tidemark::detail
