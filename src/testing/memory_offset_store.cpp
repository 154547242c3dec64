#include <tidemark/testing/memory_offset_store.hpp>

#include <fmt/format.h>

#include <tidemark/error.hpp>

namespace tidemark::testing {

namespace {

void refuse_negative(const TopicPartition& partition, std::int64_t offset) {
  if (offset < 0)
    throw StoreError{
        fmt::format("{}/{}: offset {} is negative; offsets begin at 0", partition.topic, partition.partition, offset),
        StoreError::Retry::no};
}

}  // namespace

std::vector<std::optional<std::int64_t>> MemoryOffsetStore::load(const GroupSession& session,
                                                                 std::span<const TopicPartition> partitions) {
  const std::lock_guard lock{mutex_};
  std::vector<std::optional<std::int64_t>> next(partitions.size());
  const auto group = groups_.find(session.group);
  if (group == groups_.end()) return next;
  for (std::size_t i = 0; i < partitions.size(); ++i)
    if (const auto stored = group->second.find(partitions[i]); stored != group->second.end()) next[i] = stored->second;
  return next;
}

std::optional<Conflict> MemoryOffsetStore::commit(const GroupSession& session, std::span<const OffsetRange> ranges) {
  const std::lock_guard lock{mutex_};
  auto& offsets = groups_[std::string{session.group}];
  for (const auto& range : ranges) {
    refuse_negative(range.partition, range.from);
    refuse_negative(range.partition, range.until);
    const auto stored = offsets.find(range.partition);
    if (stored != offsets.end() && stored->second != range.from && stored->second != range.until)
      return Conflict{range.partition, stored->second};
  }
  for (const auto& range : ranges) offsets[range.partition] = range.until;
  return std::nullopt;
}

std::vector<std::string> MemoryOffsetStore::groups() {
  const std::lock_guard lock{mutex_};
  std::vector<std::string> names;
  for (const auto& [group, offsets] : groups_)
    if (!offsets.empty()) names.push_back(group);
  return names;
}

std::vector<StoredOffset> MemoryOffsetStore::list(std::string_view group) {
  const std::lock_guard lock{mutex_};
  std::vector<StoredOffset> all;
  if (const auto offsets = groups_.find(group); offsets != groups_.end())
    for (const auto& [partition, next] : offsets->second) all.push_back({partition, next});
  return all;
}

void MemoryOffsetStore::overwrite(std::string_view group, std::span<const StoredOffset> offsets) {
  const std::lock_guard lock{mutex_};
  for (const auto& offset : offsets) refuse_negative(offset.partition, offset.next);
  for (const auto& offset : offsets) groups_[std::string{group}][offset.partition] = offset.next;
}

void MemoryOffsetStore::erase(std::string_view group, std::span<const TopicPartition> partitions) {
  const std::lock_guard lock{mutex_};
  if (const auto offsets = groups_.find(group); offsets != groups_.end())
    for (const auto& partition : partitions) offsets->second.erase(partition);
}

}  // namespace tidemark::testing
