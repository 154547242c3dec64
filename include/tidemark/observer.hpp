#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include <tidemark/dead_letter.hpp>
#include <tidemark/export.hpp>
#include <tidemark/offset_range.hpp>
#include <tidemark/progress.hpp>
#include <tidemark/wait.hpp>

namespace tidemark {

/// A batch went through the handler.
struct BatchEvent {
  std::span<const OffsetRange> ranges;
  std::size_t records = 0;
  std::size_t bytes = 0;
  int attempt = 1;
  std::chrono::nanoseconds handler_time{};
};

/// The handler threw, and will be called again.
struct RetryEvent {
  std::span<const OffsetRange> ranges;
  int attempt = 1;  ///< The one that failed.
  std::chrono::milliseconds delay{};
  std::string_view why;
};

/// The handler threw for the last time, and the batch is committed all the same: WhenExhausted::skip.
struct SkipEvent {
  std::span<const OffsetRange> ranges;
  std::size_t records = 0;
  int attempts = 1;
  std::string_view why;
};

/// A call of the handler takes longer than `handler_timeout`.
struct HandlerTimeoutEvent {
  std::span<const OffsetRange> ranges;
  std::chrono::nanoseconds handler_time{};  ///< So far.
  /// False: it was asked to finish, by its stop_token. True: it did not within `handler_grace_period`, so that the consumer gives its
  /// partitions up, and ends.
  bool given_up = false;
};

/// Ranges are durable in the store.
struct CommitEvent {
  std::span<const OffsetRange> ranges;
  int attempts = 1;                        ///< More than 1 when an unknown outcome had to be resolved.
  std::chrono::nanoseconds commit_time{};  ///< Zero where the handler's transaction moved the offsets.
};

/// A range was refused, because the stored offset is not where the range begins. Its records may be handled by somebody else too.
/// The partition goes on from what is stored.
struct ConflictEvent {
  Conflict conflict;
  OffsetRange
      refused;  ///< Empty where `store_poll_interval` found the stored offset moved: nothing was to be committed.
};

struct RebalanceEvent {
  enum class Kind {
    assigned,  ///< Offsets are loaded, reading begins. No event where assignments change by increments and nothing is new.
    revoked,  ///< Drained and committed, now given up.
    lost,     ///< Somebody else may own them already: nothing of them is committed any more.
  };
  Kind kind = Kind::assigned;
  std::span<const TopicPartition> partitions;
};

/// The next offset to read does not exist in Kafka (any more, or yet), or what was read before it was lost there, and the policy chose
/// another one.
struct OutOfRangeEvent {
  TopicPartition partition;
  std::int64_t requested = 0;
  std::int64_t earliest = 0;
  std::int64_t end = 0;
  std::optional<std::int64_t> restarted_at;  ///< nullopt: the policy is to fail.
  /// Kafka has lost all records from this offset on, and may hold others in their place: its log was truncated by an unclean leader
  /// election. nullopt: it was not, or nobody noticed.
  std::optional<std::int64_t> truncated_to{};
};

/// A partition can't be read on, since its next batch is damaged, too large, or in a format that librdkafka can't read. What came before
/// it is handled and committed. Repeated every `lag_interval` for as long as the partition is passed over.
struct UnreadableEvent {
  TopicPartition partition;
  std::int64_t offset = 0;  ///< The first record that can't be read.
  int code = 0;             ///< librdkafka's error code.
  std::string_view why;
  std::optional<std::chrono::milliseconds> tried_again_in;  ///< nullopt: the policy is to fail.
};

/// A batch skips offsets that held no record: GapPolicy::report.
struct GapEvent {
  OffsetRange first;         ///< The first gap in the batch.
  std::int64_t offsets = 0;  ///< How many offsets are missing in the batch.
  std::int64_t all = 0;      ///< How many are missing since the partition became ours.
};

/// A worker waited for records though Kafka was known to have more. It should not happen; where it does often, the network, the
/// broker or the memory budget is too small, or librdkafka's fetcher slept.
struct StallEvent {
  std::chrono::nanoseconds waited{};  ///< More than 20 ms.
};

/// Which consumer it is.
struct ConsumerInfo {
  std::string_view brokers{};
  std::string_view group{};
  std::string_view client_id{};       ///< "tidemark", unless {"client.id", …} gives another one.
  std::string_view group_instance{};  ///< {"group.instance.id", …}; empty: a member without a name of its own.
};

enum class LogLevel { error, warning, info, debug };

/// Hears what happens in a consumer. Every function does nothing unless overridden.
///
/// Thread safety: called from several threads at once; an implementation must be safe for that.
/// Blocking:      must not: it delays the worker, or the group membership.
/// Lifetime:      spans and views in events are valid during the call only.
/// Errors:        must not throw; std::terminate is called if it does.
class TIDEMARK_EXPORT Observer {
 public:
  virtual ~Observer() = default;

  /// Who is to hear what happens in this consumer: called once when a consumer is made. nullptr: this observer itself. So an observer that
  /// several consumers share can give each of them one that knows the consumer's name. May block and throw, unlike all others; the
  /// consumer's constructor throws the same.
  virtual std::shared_ptr<Observer> for_consumer(const ConsumerInfo&) { return nullptr; }

  /// run() has begun; brokers and topics are looked up next.
  virtual void on_start(const ConsumerInfo&) noexcept {}

  virtual void on_batch(const BatchEvent&) noexcept {}
  virtual void on_retry(const RetryEvent&) noexcept {}
  /// Called while the handler is still at it.
  virtual void on_handler_timeout(const HandlerTimeoutEvent&) noexcept {}
  virtual void on_skip(const SkipEvent&) noexcept {}
  /// These are durable in the dead-letter sink; their offsets are committed next.
  virtual void on_dead_letters(std::span<const DeadLetter>) noexcept {}
  virtual void on_commit(const CommitEvent&) noexcept {}
  virtual void on_conflict(const ConflictEvent&) noexcept {}
  virtual void on_rebalance(const RebalanceEvent&) noexcept {}
  virtual void on_out_of_range(const OutOfRangeEvent&) noexcept {}
  virtual void on_unreadable(const UnreadableEvent&) noexcept {}
  virtual void on_gap(const GapEvent&) noexcept {}
  /// At the end of the wait. Sum these up to see how much faster records could have been handled.
  virtual void on_stall(const StallEvent&) noexcept {}
  /// The consumer has waited for more than 10 s. on_log gets the same as a line.
  virtual void on_wait(const WaitEvent&) noexcept {}
  /// Called every `lag_interval` while partitions are ours. Once none is left, and when run() ends, it is called once with an empty span:
  /// a gauge of a partition that the span does not name has to go.
  virtual void on_lag(std::span<const PartitionProgress>) noexcept {}
  /// Something went wrong that the consumer survives, such as a broker that went away or a commit that is tried again.
  /// What ends the consumer is thrown by run() instead.
  virtual void on_error(std::string_view) noexcept {}
  /// librdkafka's log and tidemark's own, without credentials.
  virtual void on_log(LogLevel, std::string_view) noexcept {}
  /// librdkafka's statistics, in JSON, every {"statistics.interval.ms", …} in `ConsumerOptions::kafka`; by default never.
  virtual void on_statistics(std::string_view) noexcept {}
};

}  // namespace tidemark
