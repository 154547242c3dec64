#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>

#include <tidemark/observer.hpp>

namespace tidemark {

/// What LineObserver writes.
struct LineObserverOptions {
  /// Whether each batch and each commit is a line. Their sums are in the line that comes every `lag_interval`.
  bool batches = false;
  /// The least important level of on_log() that is a line. LogLevel::debug: all of it.
  LogLevel log = LogLevel::warning;
  /// No more lines than this of one kind within `per`. Those above it are counted, and the count is a line of its own later.
  std::size_t lines_per_kind = 10;
  std::chrono::milliseconds per{10'000};
};

/// Writes what happens in consumers as lines of text, for people:
///
///     2026-11-26T02:15:04.221Z info billing: Connecting to localhost:9092.
///     2026-11-26T02:15:04.530Z info billing: Assigned 2 partitions: orders [0], orders [1].
///     2026-11-26T02:15:14.533Z info billing: Handled 1200 records in 3 batches; 40 records behind in 2 partitions.
///
/// The time is UTC. Behind the level comes the group, and the client id if the consumer has one of its own: `billing/eu-1`. One
/// observer may serve many consumers. The words of the lines may change with any release: to act on events, derive from Observer.
///
/// Thread safety: shared objects safe; the sink is called by one thread at a time.
/// Blocking:      as long as the sink takes, which holds up the consumer: use it for a terminal, a file or a logger, not for a network.
/// Lifetime:      a stream must live as long as the observer and the consumers that it was given to.
/// Errors:        where the sink throws, the line is lost, and a later line tells how many were. What a stream can't write is lost.
class TIDEMARK_EXPORT LineObserver final : public Observer {
 public:
  struct Line {
    std::chrono::system_clock::time_point time;
    LogLevel level = LogLevel::info;
    std::string_view consumer;  ///< Empty where the observer was not given to a consumer.
    std::string_view text;      ///< A sentence or more, without a line break.
  };
  using Sink = std::function<void(const Line&)>;

  /// To the standard error output, by std::clog.
  LineObserver();
  explicit LineObserver(std::ostream& stream, const LineObserverOptions& options = {});
  /// To a function, such as one that calls your logger.
  explicit LineObserver(Sink sink, const LineObserverOptions& options = {});
  ~LineObserver() override;

  LineObserver(const LineObserver&) = delete;
  LineObserver& operator=(const LineObserver&) = delete;

  std::shared_ptr<Observer> for_consumer(const ConsumerInfo& consumer) override;

  void on_start(const ConsumerInfo& consumer) noexcept override;
  void on_batch(const BatchEvent& event) noexcept override;
  void on_retry(const RetryEvent& event) noexcept override;
  void on_handler_timeout(const HandlerTimeoutEvent& event) noexcept override;
  void on_skip(const SkipEvent& event) noexcept override;
  void on_dead_letters(std::span<const DeadLetter> letters) noexcept override;
  void on_commit(const CommitEvent& event) noexcept override;
  void on_conflict(const ConflictEvent& event) noexcept override;
  void on_rebalance(const RebalanceEvent& event) noexcept override;
  void on_out_of_range(const OutOfRangeEvent& event) noexcept override;
  void on_unreadable(const UnreadableEvent& event) noexcept override;
  void on_gap(const GapEvent& event) noexcept override;
  void on_stall(const StallEvent& event) noexcept override;
  void on_lag(std::span<const PartitionProgress> progress) noexcept override;
  void on_error(std::string_view text) noexcept override;
  void on_log(LogLevel level, std::string_view text) noexcept override;
  void on_statistics(std::string_view json) noexcept override;

 private:
  class Impl;

  explicit LineObserver(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

/// As it is written to streams: time, level, consumer and text, without a line break.
TIDEMARK_EXPORT std::string to_string(const LineObserver::Line& line);

}  // namespace tidemark
