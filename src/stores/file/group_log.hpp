#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tidemark/error.hpp>
#include <tidemark/offset_catalog.hpp>

#include "stores/common/group_commit.hpp"
#include "stores/file/directory.hpp"
#include "stores/file/group_lock.hpp"
#include "stores/file/log_file.hpp"
#include "stores/file/offset_table.hpp"

namespace tidemark::file {

/// Everything of a group, ordered by topic and partition.
std::vector<StoredOffset> sorted(const OffsetTable& table);

/// One group's offsets: in memory what is durable, on disk the log. Callers that meet are written as one record with one sync.
///
/// Thread safety: shared objects safe.
/// Blocking:      as long as the disk takes; reading only for other threads' memory accesses.
class GroupLog final : stores::GroupCommit<std::function<void(Proposal&)>>::Work {
 public:
  using Change = std::function<void(Proposal&)>;

  GroupLog(Directory folder, std::string_view group, LogFile::Sync sync, std::size_t compact_after_bytes);

  std::vector<std::optional<std::int64_t>> load(std::span<const TopicPartition> partitions) const;
  std::vector<StoredOffset> list() const;

  /// Runs `change` on a proposal, and returns when that is durable. What `change` saw was durable by then, too.
  void write(const Change& change) { commits_.run(change, *this); }

 private:
  void check_usable() const;
  std::optional<StoreError> store(std::span<const Change* const> changes) noexcept override;
  void tidy_up() noexcept override;
  std::optional<StoreError> append(std::span<const Change* const> changes, Edits& edits);
  std::optional<StoreError> publish(const Edits& edits);
  void compact_if_due();
  std::string snapshot() const;

  const Directory folder_;
  const std::string group_;
  const GroupLock lock_;
  const std::size_t compact_after_bytes_;

  // Changed by the leader only, under the mutex; so the leader reads them without.
  OffsetTable table_;
  std::optional<StoreError> broken_;

  // The leader's alone.
  std::uint64_t sequence_ = 0;
  std::optional<LogFile> file_;
  std::size_t compact_at_ = 0;

  mutable std::mutex mutex_;
  stores::GroupCommit<Change> commits_;
};

}  // namespace tidemark::file
