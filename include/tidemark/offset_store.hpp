#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <string_view>
#include <vector>

#include <tidemark/error.hpp>
#include <tidemark/export.hpp>
#include <tidemark/offset_range.hpp>

struct rd_kafka_s;

namespace tidemark {

/// On whose behalf a store is called.
struct GroupSession {
  std::string_view group;
  rd_kafka_s* consumer = nullptr;  ///< The live consumer, if there is one. Only the Kafka-native store looks at it.

  /// When the caller stops waiting. A store whose own time-out ends later may end the call here, with a StoreError. The engine sets it
  /// from StoreRetry::give_up_after, except for transactions, whose handlers may take longer.
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();

  /// Set when the call should end as soon as possible, with a StoreError. The engine sets it once `stop_timeout` is over. A store that
  /// ignores it keeps run() waiting for as long as its call takes.
  std::stop_token stop{};
};

/// Durable memory of how far a consumer group has read: (group, topic, partition) -> next offset.
///
/// Derive from it to keep offsets where your results are. Two functions are all there is; run the conformance kit
/// (<tidemark/testing/conformance.hpp>) against yours. Both take many partitions: make them one round trip, one transaction or
/// one fsync, because they stand between two batches.
///
/// The stored offset is the fencing token. commit() compares before it sets, so a consumer that has lost its partitions and does
/// not know it yet cannot move offsets under the new owner.
///
/// Thread safety: shared objects safe; several workers commit at once.
/// Blocking:      may block up to the store's own time-out, but should heed GroupSession::deadline and stop; never called from the thread
///                that keeps the group membership.
/// Lifetime:      must outlive every consumer that was given it.
/// Errors:        throw StoreError (or anything) when the outcome is unknown or the store is out of reach; the engine then
///                loads again to learn whether the commit happened. What is expected is returned, not thrown.
class TIDEMARK_EXPORT OffsetStore {
 public:
  virtual ~OffsetStore() = default;

  /// The next offset of each partition, in the order asked; nullopt where none was ever stored. Absent never means 0.
  virtual std::vector<std::optional<std::int64_t>> load(const GroupSession& session,
                                                        std::span<const TopicPartition> partitions) = 0;

  /// Moves every partition from `from` to `until`, durably, all of them or none. A partition occurs at most once.
  ///
  /// A range goes through when its `from` is stored, or nothing is; it counts as done when its `until` is stored already.
  /// Otherwise nothing changes and the first such partition is returned. A negative offset changes nothing either: a StoreError.
  virtual std::optional<Conflict> commit(const GroupSession& session, std::span<const OffsetRange> ranges) = 0;
};

}  // namespace tidemark
