#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tidemark/export.hpp>
#include <tidemark/topic_partition.hpp>

namespace tidemark {

/// What a store holds for one partition of a group.
struct StoredOffset {
  TopicPartition partition;
  std::int64_t next = 0;  ///< The next offset to read.

  bool operator==(const StoredOffset&) const = default;
};

/// The operator's view of a store: inspect, reset and remove offsets. Tools and migrations use it; the engine never does.
///
/// A running consumer notices a change at its next commit, as a conflict, and reads on from what is stored. To change offsets only if
/// nobody has moved them since they were listed, call OffsetStore::commit() with ranges from what was listed to what it is to be: a range
/// may end before it begins.
///
/// Thread safety: shared objects safe.
/// Blocking:      may block up to the store's own time-out.
/// Errors:        throws StoreError; then nothing, or everything, has changed.
class TIDEMARK_EXPORT OffsetCatalog {
 public:
  virtual ~OffsetCatalog() = default;

  /// The groups that have offsets stored, in the order of their bytes. A store whose storage knows groups by other means as well, as
  /// Kafka knows those with members, also names groups that have none.
  virtual std::vector<std::string> groups() = 0;

  /// Everything stored for `group`, ordered by topic and partition. Empty for a group that never stored anything.
  virtual std::vector<StoredOffset> list(std::string_view group) = 0;

  /// Sets offsets whatever is stored, durably, all or none. Others of the group stay as they are.
  virtual void overwrite(std::string_view group, std::span<const StoredOffset> offsets) = 0;

  /// Forgets these partitions, durably. Those never stored are skipped.
  virtual void erase(std::string_view group, std::span<const TopicPartition> partitions) = 0;
};

}  // namespace tidemark
