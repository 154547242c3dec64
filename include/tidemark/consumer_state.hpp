#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tidemark/export.hpp>
#include <tidemark/topic_partition.hpp>
#include <tidemark/wait.hpp>

namespace tidemark {

/// What a consumer as a whole is doing.
enum class ConsumerPhase {
  not_started,     ///< run() has not been called yet.
  connecting,      ///< Waits for the brokers, the coordinator, or what has to exist before reading can begin.
  joining,         ///< A member of its group that has no answer yet as to which partitions are its own.
  standby,         ///< Healthy, and without a partition: other members have them all.
  loading,         ///< Finds out where its partitions start.
  reading,         ///< Reads, or has read everything and waits for new records.
  handling,        ///< The handler is at a batch, or waits for another attempt.
  committing,      ///< A call to the store is under way.
  retrying_store,  ///< A call to the store has failed and is tried again.
  paused,          ///< pause() was called.
  draining,        ///< Finishes the batches of partitions that it has to give back.
  stopping,        ///< Finishes its batches and leaves the group.
  ended,           ///< run() is over.
};

/// What a consumer is doing about one partition.
enum class PartitionPhase {
  loading,         ///< Where it starts is being found out.
  reading,         ///< Read, or to its end.
  handling,        ///< The handler is at a batch that holds records of it.
  parked,          ///< Passed over: its next batch can't be read.
  not_authorised,  ///< Passed over: the user has no right to read it.
  no_leader,       ///< Nothing comes of it: it has no leader, or the leader is away.
};

struct PartitionState {
  TopicPartition partition;
  PartitionPhase phase = PartitionPhase::reading;
  std::int64_t next = -1;  ///< The next offset to read, as the store holds it; -1 while that is being found out.
  std::string why;         ///< The reason, where it is not being read.
};

/// A wait that is under way.
struct ConsumerWait {
  WaitKind kind = WaitKind::brokers;
  std::chrono::milliseconds lasted{};
  std::string place;
  std::string reason;
  std::string remedy;
};

/// What a consumer is doing, and what it waits for, at one moment.
struct ConsumerState {
  ConsumerPhase phase = ConsumerPhase::not_started;
  std::chrono::milliseconds lasted{};      ///< How long the phase has lasted.
  std::vector<ConsumerWait> waits;         ///< All that have lasted for more than a second, as of the last second.
  std::vector<PartitionState> partitions;  ///< Those that are ours, ordered.
};

/// The names of the enumerators.
TIDEMARK_EXPORT std::string_view to_string(ConsumerPhase phase) noexcept;
TIDEMARK_EXPORT std::string_view to_string(PartitionPhase phase) noexcept;

/// The same for people: a line for the consumer, one for each wait, and one for each partition that is not simply read.
TIDEMARK_EXPORT std::string to_string(const ConsumerState& state);

}  // namespace tidemark
