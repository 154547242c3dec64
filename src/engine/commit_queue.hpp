#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "core/claim.hpp"
#include "engine/committer.hpp"

namespace tidemark::engine {

/// Commits finished batches while the worker handles later ones. What finishes while a commit is under way goes into the next one,
/// merged; and commits that follow each other closely are made one, unless half of the room is taken, or somebody waits. Never ahead of
/// the handler, since only finished batches get here; and never out of order, since there is one thread.
///
/// Thread safety: shared objects safe.
class CommitQueue {
 public:
  /// `on_error` is called once, from the queue's thread, when a commit fails for good. Nothing is committed after that.
  CommitQueue(Committer& committer, std::size_t max_uncommitted, std::function<void(std::exception_ptr)> on_error);
  /// Waits for the commit under way; what is left is not committed.
  ~CommitQueue();

  CommitQueue(const CommitQueue&) = delete;
  CommitQueue& operator=(const CommitQueue&) = delete;

  /// Until one more batch may be handled. False after an error.
  bool wait_for_room();
  void submit(std::span<const core::Claim> claims);
  /// Until everything submitted is committed, or cannot be.
  void flush();

 private:
  void run() noexcept;
  bool is_urgent() const { return closed_ || flushes_ || finished_batches_ >= (max_uncommitted_ + 1) / 2; }

  Committer& committer_;
  std::size_t max_uncommitted_;
  std::function<void(std::exception_ptr)> on_error_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<core::Claim> finished_;
  std::size_t finished_batches_ = 0;
  std::size_t uncommitted_batches_ = 0;  // those and the ones under way
  std::chrono::steady_clock::time_point not_before_{};
  bool flushes_ = false;
  bool failed_ = false;
  bool closed_ = false;
  std::thread thread_;
};

}  // namespace tidemark::engine
