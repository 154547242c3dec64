#include "stores/file/proposal.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include <tidemark/error.hpp>

#include "stores/file/escaping.hpp"

namespace tidemark::file {

namespace {

[[noreturn]] void refuse(const TopicPartition& partition, std::string_view why) {
  throw StoreError{
      fmt::format("cannot store an offset for {}[{}]: {}. Nothing was changed; this is a mistake of the calling code.",
                  escape(partition.topic), partition.partition, why),
      StoreError::Retry::no};
}

void check_offset(const TopicPartition& partition, std::int64_t offset) {
  if (partition.partition < 0) refuse(partition, "partitions count from 0");
  if (offset < 0) refuse(partition, fmt::format("{} is not an offset; those go from 0 to 9223372036854775807", offset));
}

template <class Item>
void check_distinct(std::span<const Item> items) {
  if (items.size() < 2) return;
  std::vector<const TopicPartition*> partitions;
  partitions.reserve(items.size());
  for (const auto& item : items) partitions.push_back(&item.partition);
  std::ranges::sort(partitions, {}, [](const auto* partition) -> const TopicPartition& { return *partition; });
  const auto twice =
      std::ranges::adjacent_find(partitions, [](const auto* left, const auto* right) { return *left == *right; });
  if (twice != partitions.end()) refuse(**twice, "it occurs twice in one call");
}

}  // namespace

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
  if (next == stored) {
    edits_.erase(partition);
  } else {
    edits_.insert_or_assign(partition, next);
  }
}

void check(std::span<const OffsetRange> ranges) {
  for (const auto& range : ranges) {
    check_offset(range.partition, range.from);
    check_offset(range.partition, range.until);
  }
  check_distinct(ranges);
}

void check(std::span<const StoredOffset> offsets) {
  for (const auto& offset : offsets) check_offset(offset.partition, offset.next);
  check_distinct(offsets);
}

}  // namespace tidemark::file
