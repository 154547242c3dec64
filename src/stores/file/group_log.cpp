#include "stores/file/group_log.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include <fmt/format.h>

#include "stores/file/log_line.hpp"
#include "stores/file/recovery.hpp"

namespace tidemark::file {

std::vector<StoredOffset> sorted(const OffsetTable& table) {
  std::vector<StoredOffset> all;
  all.reserve(table.size());
  for (const auto& [partition, next] : table) all.push_back({partition, next});
  std::ranges::sort(all, {}, &StoredOffset::partition);
  return all;
}

GroupLog::GroupLog(Directory folder, std::string_view group, LogFile::Sync sync, std::size_t compact_after_bytes)
    : folder_{std::move(folder)}, group_{group}, lock_{folder_}, compact_after_bytes_{compact_after_bytes} {
  if (const auto bytes = LogFile::read(folder_, LogFile::Sync::off)) {
    auto recovered = recover(*bytes, group_, folder_.path_of(LogFile::name));
    table_ = std::move(recovered.table);
    sequence_ = recovered.sequence;
  }
  // Always written anew: what was read may be in memory only, since a sync that failed earlier; and a torn line goes.
  file_.emplace(folder_, sync, snapshot());
  compact_at_ = file_->size() + std::max(compact_after_bytes_, file_->size());
}

std::vector<std::optional<std::int64_t>> GroupLog::load(std::span<const TopicPartition> partitions) const {
  const std::lock_guard lock{mutex_};
  check_usable();
  return stores::next_in(table_, partitions);
}

std::vector<StoredOffset> GroupLog::list() const {
  const std::lock_guard lock{mutex_};
  check_usable();
  return sorted(table_);
}

void GroupLog::check_usable() const {
  if (broken_) throw *broken_;
  if (!folder_.is_in_place())
    throw StoreError{fmt::format("{} was removed or moved by somebody else while in use, and offsets may be stored "
                                 "anew at its path. Make the store anew (restart the process).",
                                 folder_.path_of(LogFile::name)),
                     StoreError::Retry::no};
}

std::optional<StoreError> GroupLog::store(std::span<const Change* const> changes) noexcept {
  Edits edits;
  auto failure = append(changes, edits);
  const std::lock_guard lock{mutex_};
  if (!broken_) broken_ = file_->broken();
  if (!failure) failure = publish(edits);
  return failure;
}

void GroupLog::tidy_up() noexcept {
  compact_if_due();
  const std::lock_guard lock{mutex_};
  if (!broken_) broken_ = file_->broken();
}

std::optional<StoreError> GroupLog::append(std::span<const Change* const> changes, Edits& edits) {
  try {
    if (broken_) return broken_;
    Proposal proposal{table_};
    for (const auto* const change : changes) (*change)(proposal);
    if (proposal.edits().empty()) return std::nullopt;
    file_->append(encode({sequence_ + 1, proposal.edits()}));
    ++sequence_;
    edits = proposal.take_edits();
    return std::nullopt;
  } catch (const StoreError& error) {
    return error;
  } catch (const std::exception& error) {
    return StoreError{fmt::format("cannot commit to {}: {}", folder_.path_of(LogFile::name), error.what()),
                      StoreError::Retry::yes};
  }
}

std::optional<StoreError> GroupLog::publish(const Edits& edits) {
  try {
    apply_edits(edits, table_);
  } catch (const std::exception& error) {
    broken_.emplace(fmt::format("{} holds a commit that memory does not: {}. Make the store anew.",
                                folder_.path_of(LogFile::name), error.what()),
                    StoreError::Retry::no);
  }
  return broken_;
}

void GroupLog::compact_if_due() {
  if (broken_ || file_->broken() || file_->size() < compact_at_) return;
  try {
    file_->replace(snapshot());
  } catch (const std::exception&) {
    // The old log is complete and in use (or broken, which the next call says). Tried again when it has grown further.
  }
  compact_at_ = file_->size() + std::max(compact_after_bytes_, file_->size());
}

std::string GroupLog::snapshot() const {
  Edits all;
  for (const auto& [partition, next] : table_) all.emplace(partition, next);
  return encode_header(group_) + encode({sequence_, all});
}

}  // namespace tidemark::file
