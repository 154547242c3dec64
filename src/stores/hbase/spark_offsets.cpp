#include <tidemark/stores/hbase/spark_offsets.hpp>

#include <fmt/format.h>

#include <algorithm>

#include <tidemark/error.hpp>

#include "stores/common/text.hpp"
#include "stores/hbase/failure.hpp"
#include "stores/hbase/gateway.hpp"
#include "stores/hbase/known_row.hpp"
#include "stores/hbase/options_check.hpp"
#include "stores/hbase/table.hpp"

namespace tidemark {

namespace {

using namespace tidemark::detail;

/// The newest row of exactly this topic and group: other groups' names may go on after a ':'.
std::optional<HBaseRow> newest_row(HBaseGateway& gateway, const std::string& prefix) {
  auto start = prefix;
  start += '9' + 1;
  while (true) {
    const auto rows = gateway.scan(start, prefix, HBaseOrder::descending, 10);
    const auto is_past = [&](const HBaseRow& row) { return row.key < start; };
    for (const auto& row : rows)
      if (row.key.starts_with(prefix) && stores::offset_in(std::string_view{row.key}.substr(prefix.size()))) return row;
    if (std::ranges::none_of(rows, is_past)) return std::nullopt;
    start = rows.back().key;
  }
}

}  // namespace

std::optional<HBaseSparkOffsets> read_hbase_spark_offsets(const HBaseOffsetStoreOptions& options,
                                                          std::string_view group, std::string_view topic) {
  auto checked = hbase_checked(options);
  checked.create_table = false;
  HBaseGateway gateway{checked};
  HBaseSparkOffsets found{.retention = hbase_open_table(gateway)};
  const auto prefix = fmt::format("{}:{}:", topic, group);
  const auto row = newest_row(gateway, prefix);
  if (!row) return std::nullopt;
  found.row = row->key;
  found.written = std::chrono::system_clock::time_point{
      std::chrono::milliseconds{*stores::offset_in(row->key.substr(prefix.size()))}};
  for (const auto& cell : row->cells) {
    const auto partition = stores::partition_in(cell.column);
    if (!partition)
      throw StoreError{hbase_message(checked, fmt::format("table {}, row {} has a column {}:{}, which is no partition",
                                                          stores::quoted(checked.table), stores::quoted(row->key),
                                                          checked.family, stores::quoted(cell.column))),
                       StoreError::Retry::no};
    found.offsets.push_back({{std::string{topic}, *partition}, *hbase_next(checked, *row, row->key, *partition)});
  }
  std::ranges::sort(found.offsets, {}, &StoredOffset::partition);
  return found;
}

}  // namespace tidemark
