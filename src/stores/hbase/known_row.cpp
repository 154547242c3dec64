#include "stores/hbase/known_row.hpp"

#include <fmt/format.h>

#include <tidemark/error.hpp>

#include "stores/common/text.hpp"
#include "stores/hbase/failure.hpp"

namespace tidemark::detail {

std::optional<std::int64_t> hbase_next(const HBaseOffsetStoreOptions& options, const HBaseRow& row,
                                       const std::string& key, std::int32_t partition) {
  const auto* cell = row.find(std::to_string(partition));
  if (cell == nullptr) return std::nullopt;
  const auto next = stores::offset_in(cell->value);
  if (!next)
    throw StoreError{
        hbase_message(options, fmt::format("table {}, row {}, column \"{}:{}\" holds {}, which is no offset: put the "
                                           "next offset there, or delete the cell",
                                           stores::quoted(options.table), stores::quoted(key), options.family,
                                           partition, stores::quoted(cell->value))),
        StoreError::Retry::no};
  return next;
}

HBaseKnownRow hbase_known(const HBaseOffsetStoreOptions& options, const HBaseRow& row, const std::string& key,
                          std::span<const OffsetRange* const> ranges) {
  HBaseKnownRow known;
  if (const auto* token = row.find(hbase_token_column)) known.token = token->value;
  for (const auto* range : ranges)
    known.next[range->partition.partition] = hbase_next(options, row, key, range->partition.partition);
  return known;
}

void hbase_add_others(HBaseKnownRow& known, const HBaseRow& row) {
  for (const auto& cell : row.cells) {
    const auto partition = stores::partition_in(cell.column);
    const auto next = stores::offset_in(cell.value);
    if (partition && next) known.next.try_emplace(*partition, next);
  }
}

HBaseVerdict hbase_judge(const HBaseKnownRow& known, std::span<const OffsetRange* const> ranges) {
  HBaseVerdict verdict;
  for (const auto* range : ranges) {
    const auto found = known.next.find(range->partition.partition);
    if (found == known.next.end()) {
      verdict.is_known = false;
      continue;
    }
    const auto& stored = found->second;
    if (stored == range->until) continue;
    if (!stored || *stored == range->from)
      verdict.moves.push_back(range);
    else if (!verdict.conflict)
      verdict.conflict = Conflict{range->partition, stored};
  }
  return verdict;
}

}  // namespace tidemark::detail
