#pragma once

#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include <tidemark/stores/hdfs.hpp>

#include "hdfs/local_checkpoint.hpp"

namespace tidemark::test {

/// A member that moves a partition of its own by 1, over and over, and looks up what became of a commit that failed, as the engine does.
class Mover {
 public:
  Mover(HdfsOffsetStoreOptions options, std::int32_t partition)
      : store_{std::move(options)},
        partition_{partition},
        thread_{[this](const std::stop_token& stop) { run(stop); }} {}
  ~Mover() { stop(); }

  void stop() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
  }
  std::int64_t acked() const { return acked_; }
  int failures() const { return failures_; }
  /// Empty if all was right. After stop().
  const std::string& wrong() const { return wrong_; }

 private:
  void run(const std::stop_token& stop) {
    while (!stop.stop_requested() && wrong_.empty()) {
      try {
        if (is_unknown_)
          resolve();
        else if (const auto conflict = group_.commit(orders(acked_, acked_ + 1, partition_)))
          wrong_ = "a conflict: stored is " + std::to_string(conflict->stored.value_or(-1)) + " where " +
                   std::to_string(acked_) + " was acknowledged";
        else
          ++acked_;
      } catch (const StoreError& error) {
        is_unknown_ = true;
        ++failures_;
        if (!error.is_retryable()) wrong_ = error.what();
      }
    }
  }
  void resolve() {
    const auto stored = group_.next(partition_).value_or(0);
    if (stored == acked_ + 1)
      ++acked_;
    else if (stored != acked_)
      wrong_ = "stored is " + std::to_string(stored) + " where " + std::to_string(acked_) + " was acknowledged";
    is_unknown_ = false;
  }

  HdfsOffsetStore store_;
  GroupView group_{store_, "billing"};
  std::int32_t partition_;
  std::atomic<std::int64_t> acked_ = 0;
  std::atomic<int> failures_ = 0;
  bool is_unknown_ = false;
  std::string wrong_;
  std::jthread thread_;
};

}  // namespace tidemark::test
