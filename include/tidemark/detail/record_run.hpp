#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <queue>
#include <span>
#include <stop_token>
#include <unordered_map>
#include <utility>
#include <vector>

#include <tidemark/detail/key_chains.hpp>
#include <tidemark/detail/record_retry.hpp>
#include <tidemark/export.hpp>

namespace tidemark::detail {

/// The calls for one record that have failed so far, and when the next one may come.
class FailedCalls;

/// Brings records through asynchronous calls, so many at once, those of one key one after the other. A record whose call fails is
/// called for again after a delay, as `handler_retry` says, while the others go on. After an error that ends the batch no call is begun
/// any more.
///
/// Thread safety: finish() from any thread; the rest by one.
class TIDEMARK_EXPORT RecordRun {
 public:
  struct Calls {
    /// Starts a record's call, on whatever thread it likes, and must not throw; finish() follows, once. `attempt` counts the record's
    /// calls from 1.
    std::function<void(std::size_t record, int attempt)> begin;
    std::function<const RecordView&(std::size_t record)> view;
  };

  /// Without `retry` the first error ends the batch.
  RecordRun(std::span<const Bytes> keys, std::size_t max_in_flight, Calls calls, RecordRetry* retry,
            std::stop_token stop);
  ~RecordRun();
  RecordRun(const RecordRun&) = delete;
  RecordRun& operator=(const RecordRun&) = delete;

  /// Before run(): calls that an earlier run made.
  void remember(std::size_t record, std::shared_ptr<FailedCalls> failed);

  /// Until all calls have ended; throws the error that ends the batch.
  void run();
  void finish(std::size_t record, std::exception_ptr error);

  /// After run(). What was set aside counts as a success.
  bool has_succeeded(std::size_t record) const { return succeeded_[record]; }
  const std::unordered_map<std::size_t, std::shared_ptr<FailedCalls>>& failed() const { return failed_; }

 private:
  using TimePoint = std::chrono::steady_clock::time_point;
  using Waiting = std::pair<TimePoint, std::size_t>;  // until when, and which record
  using Lock = std::unique_lock<std::mutex>;

  void begin_more();
  void judge(Lock& lock);
  void judge(std::size_t record, const std::exception_ptr& error, Lock& lock);
  void fail(std::exception_ptr error);
  void give_up_waiting();
  bool wake_due();
  bool is_over() const;

  std::size_t max_in_flight_;
  Calls calls_;
  RecordRetry* retry_;
  std::stop_token stop_;

  std::mutex mutex_;
  std::condition_variable changed_;  // for run()
  KeyChains chains_;
  std::vector<bool> succeeded_;
  std::size_t in_flight_ = 0;
  std::size_t beginning_ = 0;  // threads that are in begin_more(): they keep run() from returning
  std::size_t judging_ = 0;    // 1 while run() has a failure in hand, without the lock
  // Failures that run() is to judge, on the worker's thread. Until it has, nothing begins.
  std::vector<std::pair<std::size_t, std::exception_ptr>> failures_;
  std::unordered_map<std::size_t, std::shared_ptr<FailedCalls>> failed_;
  std::priority_queue<Waiting, std::vector<Waiting>, std::greater<>> waiting_;
  std::deque<std::size_t> due_;
  bool is_stopping_ = false;
  std::exception_ptr error_;
};

}  // namespace tidemark::detail
