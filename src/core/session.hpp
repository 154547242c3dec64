#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <variant>
#include <vector>

#include <tidemark/topic_partition.hpp>

#include "core/partition_start.hpp"

namespace tidemark::core {

/// What the engine is to do next, in this order.
namespace action {

/// Find out where these partitions start and answer with on_loaded(ticket). `ticket` tells an answer that came too late.
struct Load {
  std::uint64_t ticket = 0;
  std::vector<TopicPartition> partitions;
};

/// Tell Kafka at once that its assignment is taken, so that what stays with us goes on while it is found out where the rest starts.
struct Accept {};

/// Give the partitions to workers, then make the assign call. Empty lists are answers to Kafka too.
struct Assign {
  std::vector<PartitionStart> starts;
};

/// Add partitions to an assignment that was made without them, because it took longer to find out where they start. For assignments that
/// change as a whole; where they change by increments, Assign does it.
struct Add {
  std::vector<PartitionStart> starts;
};

/// Read no more of these, let what is in hand be committed, and answer with on_drained for each.
struct Drain {
  std::vector<TopicPartition> partitions;
};

/// Commit nothing of these any more, whatever is in hand.
struct Abandon {
  std::vector<TopicPartition> partitions;
};

/// Make the one unassign call.
struct Unassign {
  std::vector<TopicPartition> partitions;
  bool lost = false;
};

/// Find out where a partition that a worker has parked goes on and answer with on_reloaded(ticket).
struct Reload {
  std::uint64_t ticket = 0;
  TopicPartition partition;
};

/// Take the partition off Kafka and put it back at another position.
struct Reposition {
  PartitionStart start;
};

/// Everything that can be committed is: leave the group.
struct Leave {};

}  // namespace action

using Action = std::variant<action::Load, action::Accept, action::Assign, action::Add, action::Drain, action::Abandon,
                            action::Unassign, action::Reload, action::Reposition, action::Leave>;

/// Decides how a consumer follows its group: load, one assign call; drain, commit, one unassign call; lost is not revoked.
///
/// Kafka raises one rebalance at a time and waits for the answer, so at most one is in progress here. Repositions wait for it, but one
/// that Kafka has raised may not have been heard of yet: then a reposition's call answers it, and the next one comes early.
///
/// Librdkafka holds all partitions back until a rebalance is answered. So where assignments change by increments, one is answered before
/// the new partitions are loaded: they are assigned when they are, unless Kafka has taken them back meanwhile.
///
/// Thread safety: distinct objects safe; shared objects unsafe.
class Session {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  using Actions = std::vector<Action>;

  struct Limits {
    std::chrono::milliseconds drain_timeout;
    std::chrono::milliseconds stop_timeout;
  };

  explicit Session(const Limits& limits) : limits_{limits} {}

  /// `is_incremental`: these come on top of what is owned (cooperative, KIP-848), instead of taking its place.
  Actions on_assigned(std::span<const TopicPartition> partitions, bool is_incremental);
  /// The first answer to a load may lack partitions: those that are there are assigned, and the others follow with a later answer.
  Actions on_loaded(std::uint64_t ticket, std::vector<PartitionStart> starts);

  Actions on_revoked(std::span<const TopicPartition> partitions, TimePoint now);
  Actions on_lost(std::span<const TopicPartition> partitions);
  Actions on_drained(const TopicPartition& partition);
  /// The group has moved on without us while we were draining.
  Actions on_membership_lost();

  /// A worker stopped reading a partition because its position no longer holds.
  Actions on_parked(const TopicPartition& partition);
  Actions on_reloaded(std::uint64_t ticket, const PartitionStart& start);
  /// A rebalance came before the Reposition could be performed: it waits again until that is over.
  Actions on_reposition_overtaken(const PartitionStart& start);
  /// The same for an Add.
  Actions on_add_overtaken(std::span<const PartitionStart> starts);

  Actions on_stop(TimePoint now);
  Actions on_time(TimePoint now);

  /// When on_time is due; nullopt while nothing has a deadline.
  std::optional<TimePoint> deadline() const { return deadline_; }

  const std::set<TopicPartition>& owned() const { return owned_; }

  /// Whether an answer to this load, or reload, still counts for the partition.
  bool is_loading(std::uint64_t ticket, const TopicPartition& partition) const;
  bool is_reloading(std::uint64_t ticket, const TopicPartition& partition) const;

  /// Partitions whose starts are still being found out.
  std::vector<TopicPartition> loading() const;
  bool is_loading() const { return !loading_.empty(); }

  bool draining() const { return state_ == State::draining; }
  /// No rebalance is in progress, as far as we were told.
  bool is_steady() const { return state_ == State::steady; }

 private:
  enum class State { steady, loading, draining, stopping, stopped };

  Actions begin_drain(std::span<const TopicPartition> partitions, State state, TimePoint deadline);
  Actions end_drain();
  Actions end_overtaken_drain();
  Actions give_up_drain();
  Actions steady();
  std::vector<PartitionStart> own_arrived();
  void disown(std::span<const TopicPartition> partitions);

  Limits limits_;
  State state_ = State::steady;
  std::set<TopicPartition> owned_;
  std::uint64_t tickets_ = 0;
  bool is_incremental_ = false;
  std::uint64_t awaited_load_ = 0;                   // whose answer lets Kafka have its own, in State::loading
  std::map<TopicPartition, std::uint64_t> loading_;  // by the ticket of the load that counts
  std::vector<PartitionStart> arrived_;              // loaded, to be assigned once no rebalance is in progress
  bool answer_owed_ = false;                         // Kafka waits for the unassign call
  std::vector<TopicPartition> revoked_;
  std::set<TopicPartition> undrained_;
  std::map<TopicPartition, std::uint64_t> reloading_;  // by the ticket of the reload that counts
  std::map<TopicPartition, PartitionStart> waiting_repositions_;
  std::optional<TimePoint> deadline_;
};

}  // namespace tidemark::core
