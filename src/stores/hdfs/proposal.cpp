#include "stores/hdfs/proposal.hpp"

namespace tidemark::hdfs {

std::optional<Conflict> Proposal::commit(std::span<const OffsetRange> ranges) {
  for (const auto& range : ranges) {
    const auto next = next_of(range.partition);
    if (next && *next != range.from && *next != range.until) return Conflict{range.partition, next};
  }
  for (const auto& range : ranges) set(range.partition, range.until);
  return std::nullopt;
}

void Proposal::overwrite(std::span<const StoredOffset> offsets) {
  for (const auto& offset : offsets) set(offset.partition, offset.next);
}

void Proposal::erase(std::span<const TopicPartition> partitions) {
  for (const auto& partition : partitions) set(partition, std::nullopt);
}

std::optional<std::int64_t> Proposal::next_of(const TopicPartition& partition) const {
  if (const auto edit = edits_.find(partition); edit != edits_.end()) return edit->second;
  const auto found = stored_.find(partition);
  return found == stored_.end() ? std::optional<std::int64_t>{} : found->second;
}

void Proposal::set(const TopicPartition& partition, std::optional<std::int64_t> next) {
  const auto found = stored_.find(partition);
  const auto stored = found == stored_.end() ? std::optional<std::int64_t>{} : found->second;
  if (next == stored)
    edits_.erase(partition);
  else
    edits_.insert_or_assign(partition, next);
}

}  // namespace tidemark::hdfs
