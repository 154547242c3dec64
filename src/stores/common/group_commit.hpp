#pragma once

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <tidemark/error.hpp>

#include "stores/common/waiting.hpp"

namespace tidemark::stores {

/// Makes one change of the changes of callers that meet: the first of them leads, takes the others' along, and tells them.
///
/// A caller that waits no longer (CallScope) leaves, unless a leader has taken its change: then it waits for that leader.
///
/// Thread safety: shared objects safe.
template <class Change>
class GroupCommit {
 public:
  /// What a leader does; one at a time.
  struct Work {
    /// Stores the changes, all of them or none. Throws nothing: it holds other threads' calls.
    virtual std::optional<StoreError> store(std::span<const Change* const> changes) noexcept = 0;
    /// What is done once the callers were told, before the next change is stored.
    virtual void tidy_up() noexcept {}

   protected:
    ~Work() = default;
  };

  /// Returns when `change` is stored.
  ///
  /// Errors: StoreError: what store() said; or that the caller waits no longer, and then the change was not looked at.
  void run(const Change& change, Work& work) {
    Caller self{&change};
    std::unique_lock lock{mutex_};
    waiting_.push_back(&self);
    const auto deadline = Deadline::of_caller();
    if (!wait_until(turned_, lock, deadline, [&] { return self.is_done || !is_led_; }) && !self.is_taken) {
      std::erase(waiting_, &self);
      CallScope::check();
    }
    turned_.wait(lock, [&] { return self.is_done || !is_led_; });
    if (!self.is_done) lead(lock, work);
    if (self.failure) throw *self.failure;
  }

 private:
  struct Caller {
    const Change* change;
    bool is_taken = false;
    bool is_done = false;
    std::optional<StoreError> failure{};
  };

  void lead(std::unique_lock<std::mutex>& lock, Work& work) {
    std::vector<const Change*> changes;
    changes.reserve(waiting_.size());
    is_led_ = true;
    const auto callers = std::exchange(waiting_, {});
    for (auto* const caller : callers) {
      caller->is_taken = true;
      changes.push_back(caller->change);
    }
    lock.unlock();
    const auto failure = work.store(changes);
    lock.lock();
    for (auto* const caller : callers) {
      caller->failure = failure;
      caller->is_done = true;
    }
    turned_.notify_all();

    // The others go on with their work meanwhile; who commits now waits.
    lock.unlock();
    work.tidy_up();
    lock.lock();
    is_led_ = false;
    turned_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable turned_;
  std::vector<Caller*> waiting_;
  bool is_led_ = false;
};

}  // namespace tidemark::stores
