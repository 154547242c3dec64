#include "stores/hbase/catalog.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include <tidemark/error.hpp>

#include "stores/common/text.hpp"
#include "stores/hbase/failure.hpp"
#include "stores/hbase/row_key.hpp"

namespace tidemark::detail {

namespace {

constexpr std::int32_t rows_at_once = 100;

void add_row(std::vector<StoredOffset>& listed, const HBaseOffsetStoreOptions& options, const HBaseRow& row,
             const std::string& topic) {
  for (const auto& cell : row.cells) {
    if (cell.column == hbase_token_column) continue;
    const auto partition = stores::partition_in(cell.column);
    if (!partition)
      throw StoreError{
          hbase_message(options,
                        fmt::format("table {}, row {} has a column {}:{}, which is no partition: delete that cell",
                                    stores::quoted(options.table), stores::quoted(row.key), options.family,
                                    stores::quoted(cell.column))),
          StoreError::Retry::no};
    listed.push_back({{topic, *partition}, *hbase_next(options, row, row.key, *partition)});
  }
}

/// From `start` on, up to but without `stop`; empty ones are the table's ends.
template <class Look>
void for_each_row(HBaseStore& store, std::string start, const std::string& stop, const Look& look) {
  while (true) {
    const auto rows = store.gateway().scan(start, stop, HBaseOrder::ascending, rows_at_once);
    if (rows.empty()) return;
    for (const auto& row : rows) look(row);
    start = rows.back().key + '\0';
  }
}

}  // namespace

std::vector<std::string> hbase_groups(HBaseStore& store) {
  std::set<std::string> names;
  for_each_row(store, {}, {}, [&](const HBaseRow& row) {
    const auto holds_offset = [](const HBaseCell& cell) { return stores::partition_in(cell.column).has_value(); };
    if (auto group = hbase_group(row.key); group && std::ranges::any_of(row.cells, holds_offset))
      names.insert(std::move(*group));
  });
  return {names.begin(), names.end()};
}

std::vector<StoredOffset> hbase_list(HBaseStore& store, std::string_view group) {
  const auto prefix = hbase_row_prefix(group);
  auto stop = prefix;
  stop.back() = ':' + 1;
  std::vector<StoredOffset> listed;
  for_each_row(store, prefix, stop, [&](const HBaseRow& row) {
    if (const auto topic = hbase_topic(row.key, prefix)) add_row(listed, store.options(), row, *topic);
  });
  std::ranges::sort(listed, {}, &StoredOffset::partition);
  return listed;
}

void hbase_overwrite(HBaseStore& store, std::string_view group, std::span<const StoredOffset> offsets) {
  std::map<std::string, std::map<std::string, std::string>> by_row;
  for (const auto& offset : offsets) {
    hbase_refuse_negative(offset.partition, offset.next);
    by_row[hbase_row_key(group, offset.partition.topic)][std::to_string(offset.partition.partition)] =
        std::to_string(offset.next);
  }
  for (const auto& [key, next] : by_row) {
    store.change(key, {}, [&](const HBaseRow&) {
      HBaseChange change;
      for (const auto& [column, value] : next) change.set.push_back({column, value});
      return change;
    });
  }
}

void hbase_erase(HBaseStore& store, std::string_view group, std::span<const TopicPartition> partitions) {
  std::map<std::string, std::vector<std::string>> by_row;
  for (const auto& partition : partitions)
    by_row[hbase_row_key(group, partition.topic)].push_back(std::to_string(partition.partition));
  for (const auto& [key, columns] : by_row) {
    store.change(key, columns, [](const HBaseRow& row) -> std::optional<HBaseChange> {
      HBaseChange change;
      for (const auto& cell : row.cells)
        if (cell.column != hbase_token_column) change.removed.push_back(cell);
      if (change.removed.empty()) return std::nullopt;
      return change;
    });
  }
}

}  // namespace tidemark::detail
