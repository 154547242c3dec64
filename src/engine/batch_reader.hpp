#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include <tidemark/batch_limits.hpp>

#include "core/batch_cutter.hpp"
#include "core/obstacle.hpp"
#include "core/partition_start.hpp"
#include "core/prefetch_weight.hpp"
#include "core/progress.hpp"
#include "core/silence_meter.hpp"
#include "core/stall_meter.hpp"
#include "engine/batch_in_hand.hpp"
#include "engine/flow.hpp"
#include "engine/mailbox.hpp"
#include "engine/notifier.hpp"
#include "engine/rate_gates.hpp"
#include "engine/worker_context.hpp"
#include "kafka/fetch_waker.hpp"
#include "kafka/fetched_messages.hpp"
#include "kafka/header_weight.hpp"
#include "kafka/lane.hpp"

namespace tidemark::engine {

/// Assembles batches from a worker's lane, and keeps its Progress.
///
/// The lane is read, and what was read is looked at, under one lock. So whoever holds it knows that no message is on its way between
/// librdkafka and Progress: a partition that is taken off Kafka and then owned anew under the lock can't meet a message from before
/// (invariant 5).
///
/// Thread safety: shared objects safe; read() and recycle() by the worker's thread only.
class BatchReader {
 public:
  class Visit;

  BatchReader(const WorkerContext& context, const BatchLimits& limits);
  BatchReader(const BatchReader&) = delete;
  BatchReader& operator=(const BatchReader&) = delete;

  /// The next batch, which may cover offsets without a record; nullopt after stop().
  std::optional<BatchInHand> read();
  /// The batch is done with.
  void recycle(BatchInHand batch);
  /// read() returns nullopt from now on.
  void stop();
  /// The flow has changed.
  void look_at_flow();

  /// To be called before the assign call.
  void own(const core::PartitionStart& start);
  /// To be called once all partitions were taken off, before the assign call that puts them back. Returns where those but `moved`, which
  /// stay owned, go on.
  std::vector<core::PartitionStart> forward_all_but(std::span<const core::PartitionStart> moved);
  /// Reads no more of these. Returns those of which nothing is in hand; the others will be Released.
  std::vector<TopicPartition> close(std::span<const TopicPartition> partitions);
  /// These were taken off Kafka, for good as far as is known.
  void retire(std::span<const TopicPartition> partitions);
  /// No claim on these is valid any more. Returns those of which nothing is in hand; the others will be Released.
  std::vector<TopicPartition> forget(std::span<const TopicPartition> partitions);
  /// Reads no more of the claim's partition until it is owned anew. False where it was since: then that is not concerned.
  bool park(const core::Claim& claim);

  /// Partitions of which nothing is in hand, each as an empty claim at what is committed.
  std::vector<core::Claim> resting();
  /// `stored` is what the store held for these, in their order, since they were resting(). Parks those that rest still, but that somebody
  /// else has moved, and returns where to.
  std::vector<Conflict> park_moved(std::span<const core::Claim> resting,
                                   std::span<const std::optional<std::int64_t>> stored);

  /// Takes the first so many records out of a batch in hand, with a claim on what they cover. To be settled or dropped before the rest.
  BatchInHand divide(BatchInHand& batch, std::size_t records);

  std::vector<core::Claim> valid(std::span<const core::Claim> claims);
  std::vector<core::Claim> leaving(std::span<const core::Claim> claims);
  void settle(std::span<const core::Claim> claims);
  void drop(std::span<const core::Claim> claims);

  std::vector<core::PartitionStart> positions();

  /// Whether the partition is ours; for assertions.
  bool owns(const TopicPartition& partition);
  /// Whether nothing of the partition is read, handled or committed any more; for assertions.
  bool has_let_go_of(const TopicPartition& partition);

 private:
  struct Slot {
    core::Progress::Cursor* cursor = nullptr;  // nullptr: not ours
    const detail::RecordPartition* partition = nullptr;
    RateGates::Gate* gate = nullptr;  // nullptr: as fast as it comes
  };
  using SlotKey = std::pair<const rd_kafka_topic_t*, std::int32_t>;
  struct SlotKeyHash {
    std::size_t operator()(const SlotKey& key) const noexcept {
      return std::hash<const void*>{}(key.first) * 31 + static_cast<std::uint32_t>(key.second);
    }
  };

  using TimePoint = core::BatchCutter::TimePoint;

  void rest(std::unique_lock<std::mutex>& lock);
  void fetch(TimePoint now);
  /// How long the lane may be waited for, by itself. `opening`: of the first of the partitions that their rate holds back.
  std::chrono::milliseconds longest_wait(TimePoint now, std::optional<TimePoint> opening) const;
  void add(std::size_t fetched);
  bool read_what_is_there(std::size_t room, TimePoint now);
  void watch_for_stall(TimePoint now);
  void end_wait(TimePoint now);
  void assemble(TimePoint now);
  bool accept(rd_kafka_message_t* message, TimePoint now);
  bool take(rd_kafka_message_t* message, const Slot& slot, TimePoint now);
  bool admit(const rd_kafka_message_t* message, TimePoint now);
  void accept_error(rd_kafka_message_t* message, TimePoint now);
  void accept_end(const Slot& slot, std::int64_t end, TimePoint now);
  void stop_reading(const Slot& slot, core::Obstacle obstacle, TimePoint now);
  void keep_truncation(const TopicPartition& partition);
  void keep_truncation(const TopicPartition& partition, const rd_kafka_message_t& message);
  void stop_at_truncation(const core::PartitionStart& start);
  void judge_led_astray(const TopicPartition& partition, core::Obstacle& obstacle);
  bool stops_at_gap(const Slot& slot, std::int64_t offset, TimePoint now);
  void tell_of(const core::PrefetchWeight::Excess& excess);
  void tell_of_gaps();
  void tell_of_silence(TimePoint now);
  BatchInHand cut();
  bool ends_behind_last_record(const BatchInHand& batch);
  const Slot& slot_of(const rd_kafka_message_t& message, TimePoint now);
  void forget_slots();
  void post_parked();
  void undo(const TopicPartition& partition);
  void forward(const TopicPartition& partition);
  void release(std::vector<TopicPartition> partitions);

  rd_kafka_t* client_;
  kafka::MessageReturns& returns_;
  kafka::Lane lane_;
  kafka::MessageSource source_;
  kafka::FetchWaker waker_;
  Mailbox& mailbox_;
  const Notifier& notifier_;
  PublishedProgress& published_;
  const GapPolicy gap_policy_;
  Flow& flow_;

  std::atomic<int> visitors_ = 0;
  std::mutex mutex_;
  std::condition_variable visitors_gone_;
  bool stopped_ = false;

  core::Progress progress_;
  core::BatchCutter cutter_;
  kafka::HeaderWeight headers_;
  core::PrefetchWeight prefetch_;
  core::StallMeter stall_;
  core::SilenceMeter silence_;
  std::map<TopicPartition, detail::RecordPartition> names_;  // what record views point to
  std::unordered_map<SlotKey, Slot, SlotKeyHash> slots_;     // only as long as ownership stays as it is
  SlotKey last_key_{};
  Slot* last_slot_ = nullptr;  // records come in runs of one partition
  kafka::FetchedMessages fetched_;
  RateGates gates_;
  std::size_t admitted_ = 0;  // records that the rate of all workers has let through, and that are yet to come
  std::optional<TimePoint> rests_until_;  // by the rate of all workers
  BatchInHand assembling_;
  BatchInHand spare_;
  bool in_hand_ = false;
  std::vector<TopicPartition> forgotten_in_hand_;
  std::map<TopicPartition, core::Obstacle> obstacles_;  // to be Parked once what was taken before is in the store
  std::map<TopicPartition, core::Obstacle> truncated_;  // said of partitions whose messages were thrown away
  std::map<TopicPartition, std::int64_t> led_astray_;   // where librdkafka asked for an offset far ahead
};

}  // namespace tidemark::engine
