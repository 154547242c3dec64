#pragma once

#include <chrono>
#include <stop_token>
#include <utility>

#include <tidemark/error.hpp>
#include <tidemark/offset_store.hpp>

namespace tidemark::stores {

/// How long a store's caller waits: GroupSession's deadline and stop token. They hold for all that the thread waits for until the scope ends:
/// a Deadline made meanwhile ends no later, and waits look at the token. So a store heeds both without handing them from function to
/// function.
///
/// Thread safety: belongs to one thread. Another thread that works for the call has no scope.
class CallScope {
 public:
  using Clock = std::chrono::steady_clock;

  /// How often a wait looks at the token.
  static constexpr std::chrono::milliseconds look_every{50};

  explicit CallScope(const GroupSession& session) : CallScope{session.deadline, session.stop} {}
  CallScope(Clock::time_point deadline, std::stop_token stop)
      : deadline_{deadline}, stop_{std::move(stop)}, outer_{std::exchange(current(), this)} {}
  ~CallScope() { current() = outer_; }
  CallScope(const CallScope&) = delete;
  CallScope& operator=(const CallScope&) = delete;

  /// Of the call that this thread is in; the clock's last time point where it is in none.
  static Clock::time_point deadline() { return current() != nullptr ? current()->deadline_ : Clock::time_point::max(); }
  static bool can_be_stopped() { return current() != nullptr && current()->stop_.stop_possible(); }
  static bool is_stopped() { return current() != nullptr && current()->stop_.stop_requested(); }

  /// Errors: StoreError, retryable, once the caller waits no longer.
  static void check() {
    if (is_stopped())
      throw StoreError{"the call was ended, since its caller is being stopped (GroupSession::stop)",
                       StoreError::Retry::yes};
    if (Clock::now() >= deadline())
      throw StoreError{"the call was ended at its caller's deadline (GroupSession::deadline)", StoreError::Retry::yes};
  }

 private:
  static const CallScope*& current() {
    thread_local const CallScope* scope = nullptr;
    return scope;
  }

  Clock::time_point deadline_;
  std::stop_token stop_;
  const CallScope* outer_;
};

}  // namespace tidemark::stores
