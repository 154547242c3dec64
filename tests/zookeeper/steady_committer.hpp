#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "zookeeper/zookeeper_fixture.hpp"

namespace tidemark::test {

/// Commits one batch after the other, as a consumer's worker does: what fails with a retryable error is looked up, and committed again where
/// it was not applied. Each batch moves two partitions by one, so that offset and version count the batches.
class SteadyCommitter {
 public:
  SteadyCommitter(ZooKeeperOffsetStore& store, std::int32_t partition) : store_{store}, partition_{partition} {}
  ~SteadyCommitter() { stop(); }

  void start() {
    thread_ = std::jthread{[this](const std::stop_token& token) {
      while (!token.stop_requested() && wrong().empty()) commit_next();
    }};
  }
  void stop() {
    if (!thread_.joinable()) return;
    thread_.request_stop();
    thread_.join();
  }

  /// Returns when it is certain that the batch was applied.
  void commit_next() {
    const auto from = done_.load();
    const std::vector<OffsetRange> ranges{orders(from, from + 1, partition_), orders(from, from + 1, partition_ + 1)};
    for (bool is_known = true;; is_known = false) {
      try {
        if (!is_known) {
          const auto stored = load();
          if (stored == next(from + 1)) break;
          if (stored != next(from) && (from != 0 || stored != next(std::nullopt)))
            return blame("found neither end of a batch");
        }
        if (store_.commit(session_, ranges)) return blame("met a conflict");
        break;
      } catch (const StoreError& error) {
        if (!error.is_retryable()) return blame(error.what());
        ++failed_;
      }
    }
    ++done_;
  }

  std::int64_t done() const { return done_; }
  int failed() const { return failed_; }
  std::string wrong() const {
    const std::lock_guard lock{mutex_};
    return wrong_;
  }

  /// Everything that was applied was applied once.
  void require_exact(ZooKeeperProbe& probe) const {
    for (const auto partition : {partition_, partition_ + 1}) {
      CAPTURE(partition);
      const auto path = "/consumers/billing/offsets/orders/" + std::to_string(partition);
      REQUIRE(probe.get(path) == std::to_string(done()));
      REQUIRE(probe.version(path) == done() - 1);
    }
  }

 private:
  using Offsets = std::vector<std::optional<std::int64_t>>;

  static Offsets next(std::optional<std::int64_t> offset) { return {offset, offset}; }
  Offsets load() {
    return store_.load(session_, std::vector<TopicPartition>{{"orders", partition_}, {"orders", partition_ + 1}});
  }
  void blame(const std::string& what) {
    const std::lock_guard lock{mutex_};
    wrong_ = "batch " + std::to_string(done_) + ": " + what;
  }

  ZooKeeperOffsetStore& store_;
  std::int32_t partition_;
  GroupSession session_{.group = "billing"};
  std::atomic<std::int64_t> done_ = 0;
  std::atomic<int> failed_ = 0;
  mutable std::mutex mutex_;
  std::string wrong_;
  std::jthread thread_;
};

}  // namespace tidemark::test
