#pragma once

#include <chrono>
#include <mutex>
#include <string>
#include <vector>

#include <tidemark/observer.hpp>

namespace tidemark::test {

/// Keeps what it hears, for other threads to look at.
class RecordingObserver final : public Observer {
 public:
  struct Rebalance {
    RebalanceEvent::Kind kind;
    std::vector<TopicPartition> partitions;
  };
  struct Commit {
    std::vector<OffsetRange> ranges;
    int attempts;
  };

  struct Skip {
    std::vector<OffsetRange> ranges;
    std::size_t records;
    int attempts;
    std::string why;
  };

  struct Timeout {
    std::vector<OffsetRange> ranges;
    std::chrono::nanoseconds handler_time;
    bool given_up;
  };

  struct Wait {
    WaitKind kind;
    std::chrono::milliseconds lasted;
    bool is_over;
    std::string text;
  };

  struct Heard {
    std::vector<BatchEvent> batches{};   // without ranges
    std::vector<std::string> retries{};  // the reasons
    std::vector<std::vector<OffsetRange>> retried{};
    std::vector<Timeout> timeouts{};
    std::vector<Skip> skips{};
    std::vector<std::int64_t> dead_letters{};  // the offsets
    std::vector<Commit> commits{};
    std::vector<ConflictEvent> conflicts{};
    std::vector<Rebalance> rebalances{};
    std::vector<OutOfRangeEvent> out_of_range{};
    std::vector<UnreadableEvent> unreadable{};  // without reasons
    std::vector<std::string> unreadable_reasons{};
    std::vector<GapEvent> gaps{};
    std::vector<StallEvent> stalls{};
    std::vector<std::vector<PartitionProgress>> lags{};
    std::vector<Wait> waits{};
    std::vector<std::string> errors{};
    std::vector<std::string> logs{};
    std::vector<std::string> starts{};  // the client ids
    std::vector<std::string> statistics{};
  };

  void on_start(const ConsumerInfo& consumer) noexcept override {
    const std::lock_guard lock{mutex_};
    heard_.starts.emplace_back(consumer.client_id);
  }
  void on_batch(const BatchEvent& event) noexcept override {
    const std::lock_guard lock{mutex_};
    heard_.batches.push_back(event);
    heard_.batches.back().ranges = {};
  }
  void on_retry(const RetryEvent& event) noexcept override {
    const std::lock_guard lock{mutex_};
    heard_.retries.emplace_back(event.why);
    heard_.retried.emplace_back(event.ranges.begin(), event.ranges.end());
  }
  void on_handler_timeout(const HandlerTimeoutEvent& event) noexcept override {
    const std::lock_guard lock{mutex_};
    heard_.timeouts.push_back({{event.ranges.begin(), event.ranges.end()}, event.handler_time, event.given_up});
  }
  void on_skip(const SkipEvent& event) noexcept override {
    const std::lock_guard lock{mutex_};
    heard_.skips.push_back(
        {{event.ranges.begin(), event.ranges.end()}, event.records, event.attempts, std::string{event.why}});
  }
  void on_dead_letters(std::span<const DeadLetter> letters) noexcept override {
    const std::lock_guard lock{mutex_};
    for (const auto& letter : letters) heard_.dead_letters.push_back(letter.record.offset());
  }
  void on_commit(const CommitEvent& event) noexcept override {
    const std::lock_guard lock{mutex_};
    heard_.commits.push_back({{event.ranges.begin(), event.ranges.end()}, event.attempts});
  }
  void on_conflict(const ConflictEvent& event) noexcept override {
    const std::lock_guard lock{mutex_};
    heard_.conflicts.push_back(event);
  }
  void on_rebalance(const RebalanceEvent& event) noexcept override {
    const std::lock_guard lock{mutex_};
    heard_.rebalances.push_back({event.kind, {event.partitions.begin(), event.partitions.end()}});
  }
  void on_out_of_range(const OutOfRangeEvent& event) noexcept override {
    const std::lock_guard lock{mutex_};
    heard_.out_of_range.push_back(event);
  }
  void on_unreadable(const UnreadableEvent& event) noexcept override {
    const std::lock_guard lock{mutex_};
    heard_.unreadable.push_back(event);
    heard_.unreadable.back().why = {};
    heard_.unreadable_reasons.emplace_back(event.why);
  }
  void on_gap(const GapEvent& event) noexcept override {
    const std::lock_guard lock{mutex_};
    heard_.gaps.push_back(event);
  }
  void on_stall(const StallEvent& event) noexcept override {
    const std::lock_guard lock{mutex_};
    heard_.stalls.push_back(event);
  }
  void on_lag(std::span<const PartitionProgress> progress) noexcept override {
    const std::lock_guard lock{mutex_};
    heard_.lags.push_back({progress.begin(), progress.end()});
  }
  void on_wait(const WaitEvent& event) noexcept override {
    const std::lock_guard lock{mutex_};
    heard_.waits.push_back({event.kind, event.lasted, event.is_over, to_string(event)});
  }
  void on_error(std::string_view text) noexcept override {
    const std::lock_guard lock{mutex_};
    heard_.errors.emplace_back(text);
  }
  void on_log(LogLevel, std::string_view text) noexcept override {
    const std::lock_guard lock{mutex_};
    heard_.logs.emplace_back(text);
  }

  void on_statistics(std::string_view json) noexcept override {
    const std::lock_guard lock{mutex_};
    heard_.statistics.emplace_back(json);
  }

  Heard heard() const {
    const std::lock_guard lock{mutex_};
    return heard_;
  }

 private:
  mutable std::mutex mutex_;
  Heard heard_;
};

}  // namespace tidemark::test
