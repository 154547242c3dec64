#include "engine/commit_queue.hpp"

#include <utility>

#include "core/invariant.hpp"

namespace tidemark::engine {
namespace {

// Each commit costs the store, and whoever shares the machine with it, about as much for one batch as for many.
constexpr std::chrono::milliseconds spacing{5};

}  // namespace

CommitQueue::CommitQueue(Committer& committer, std::size_t max_uncommitted,
                         std::function<void(std::exception_ptr)> on_error)
    : committer_{committer},
      max_uncommitted_{max_uncommitted},
      on_error_{std::move(on_error)},
      thread_{[this] { run(); }} {}

CommitQueue::~CommitQueue() {
  {
    const std::lock_guard lock{mutex_};
    closed_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

bool CommitQueue::wait_for_room() {
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [this] { return failed_ || uncommitted_batches_ < max_uncommitted_; });
  return !failed_;
}

void CommitQueue::submit(std::span<const core::Claim> claims) {
  {
    const std::lock_guard lock{mutex_};
    core::merge(finished_, claims);
    ++finished_batches_;
    ++uncommitted_batches_;
    TIDEMARK_INVARIANT(13, uncommitted_batches_ <= max_uncommitted_);
    if (finished_batches_ > 1 && !is_urgent()) return;
  }
  changed_.notify_all();
}

void CommitQueue::flush() {
  std::unique_lock lock{mutex_};
  flushes_ = true;
  changed_.notify_all();
  changed_.wait(lock, [this] { return failed_ || uncommitted_batches_ == 0; });
  flushes_ = false;
}

void CommitQueue::run() noexcept {
  std::unique_lock lock{mutex_};
  while (true) {
    changed_.wait(lock, [this] { return closed_ || finished_batches_ > 0; });
    changed_.wait_until(lock, not_before_, [this] { return is_urgent(); });
    if (closed_) return;
    TIDEMARK_INVARIANT(13, !failed_ && finished_batches_ <= uncommitted_batches_);
    not_before_ = std::chrono::steady_clock::now() + spacing;
    // Only what was finished goes into the commit, and by this thread alone: so commits are in order, and behind the handler (invariant 13).
    const auto claims = std::exchange(finished_, {});
    const auto batches = std::exchange(finished_batches_, 0);
    lock.unlock();
    std::exception_ptr error;
    try {
      committer_.commit(claims);
    } catch (...) {
      error = std::current_exception();
    }
    lock.lock();
    uncommitted_batches_ -= batches;
    failed_ = error != nullptr;
    changed_.notify_all();
    if (!failed_) continue;
    lock.unlock();
    return on_error_(error);
  }
}

}  // namespace tidemark::engine
