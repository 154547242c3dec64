#include "stores/hbase/gateway.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

#include "stores/hbase/failure.hpp"

namespace tidemark::detail {

namespace {

constexpr std::chrono::seconds administration_timeout{60};  // a table's regions are opened meanwhile

thrift2::TTableName table_name(const std::string& table) {
  thrift2::TTableName name;
  const auto colon = table.find(':');
  if (colon != std::string::npos) name.__set_ns(table.substr(0, colon));
  name.__set_qualifier(colon == std::string::npos ? table : table.substr(colon + 1));
  return name;
}

thrift2::TColumn column_of(const std::string& family, const std::string& column) {
  thrift2::TColumn made;
  made.__set_family(family);
  made.__set_qualifier(column);
  return made;
}

HBaseRow row_of(thrift2::TResult&& result) {
  HBaseRow row{.key = std::move(result.row)};
  row.cells.reserve(result.columnValues.size());
  for (auto& cell : result.columnValues)
    row.cells.push_back({std::move(cell.qualifier), std::move(cell.value), cell.timestamp});
  // As they come from HBase; but to be wrong about that would make offsets absent.
  if (!std::ranges::is_sorted(row.cells, {}, &HBaseCell::column)) std::ranges::sort(row.cells, {}, &HBaseCell::column);
  return row;
}

thrift2::TPut put_of(const std::string& family, const std::string& key, const std::vector<HBaseCell>& cells) {
  thrift2::TPut put;
  put.__set_row(key);
  put.columnValues.reserve(cells.size());
  for (const auto& cell : cells) {
    auto& value = put.columnValues.emplace_back();
    value.__set_family(family);
    value.__set_qualifier(cell.column);
    value.__set_value(cell.value);
    if (cell.timestamp != 0) value.__set_timestamp(cell.timestamp);
  }
  return put;
}

thrift2::TDelete delete_of(const std::string& family, const std::string& key, const std::vector<HBaseCell>& cells) {
  thrift2::TDelete removal;
  removal.__set_row(key);
  removal.__set_deleteType(thrift2::TDeleteType::DELETE_COLUMNS);
  std::vector<thrift2::TColumn> columns;
  for (const auto& cell : cells) columns.emplace_back(column_of(family, cell.column)).__set_timestamp(cell.timestamp);
  removal.__set_columns(columns);
  return removal;
}

}  // namespace

const HBaseCell* HBaseRow::find(std::string_view column) const {
  const auto found = std::ranges::lower_bound(cells, column, {}, &HBaseCell::column);
  return found == cells.end() || found->column != column ? nullptr : &*found;
}

std::vector<HBaseRow> HBaseGateway::get(const std::vector<HBaseQuestion>& questions) {
  std::vector<thrift2::TGet> gets;
  for (const auto& question : questions) {
    auto& get = gets.emplace_back();
    get.__set_row(question.key);
    std::vector<thrift2::TColumn> columns;
    for (const auto& column : question.columns) columns.push_back(column_of(options_.family, column));
    if (columns.empty()) columns.emplace_back().__set_family(options_.family);
    get.__set_columns(columns);
  }
  auto results = pool_.ask("read offsets", options_.command_timeout, [&](auto& client) {
    std::vector<thrift2::TResult> received;
    client.getMultiple(received, options_.table, gets);
    return received;
  });
  if (results.size() != questions.size())
    throw HBaseLost{hbase_message(options_, "cannot read offsets: the gateway answered for another number of rows")};
  std::vector<HBaseRow> rows;
  for (auto& result : results) rows.push_back(row_of(std::move(result)));
  return rows;
}

std::vector<HBaseRow> HBaseGateway::scan(const std::string& start, const std::string& stop, HBaseOrder order,
                                         std::int32_t limit) {
  thrift2::TColumn family;
  family.__set_family(options_.family);
  thrift2::TScan scan;
  scan.__set_startRow(start);
  scan.__set_stopRow(stop);
  scan.__set_columns({family});
  scan.__set_reversed(order == HBaseOrder::descending);
  auto results = pool_.ask("look through offsets", options_.command_timeout, [&](auto& client) {
    std::vector<thrift2::TResult> received;
    client.getScannerResults(received, options_.table, scan, limit);
    return received;
  });
  std::vector<HBaseRow> rows;
  for (auto& result : results) rows.push_back(row_of(std::move(result)));
  return rows;
}

bool HBaseGateway::change_if(const std::string& key, const std::string& column, const std::string& expected,
                             const HBaseChange& change) {
  thrift2::TRowMutations mutations;
  mutations.__set_row(key);
  std::optional<thrift2::TDurability::type> durability;
  if (insists_on_log_) durability = thrift2::TDurability::SYNC_WAL;
  if (options_.fsync) durability = thrift2::TDurability::FSYNC_WAL;
  if (!change.removed.empty()) {
    auto removal = delete_of(options_.family, key, change.removed);
    if (durability) removal.__set_durability(*durability);
    mutations.mutations.emplace_back().__set_deleteSingle(removal);
  }
  auto put = put_of(options_.family, key, change.set);
  if (durability) put.__set_durability(*durability);
  mutations.mutations.emplace_back().__set_put(put);
  return pool_.ask("change offsets", options_.command_timeout, [&](auto& client) {
    return client.checkAndMutate(options_.table, key, options_.family, column, thrift2::TCompareOp::EQUAL, expected,
                                 mutations);
  });
}

bool HBaseGateway::table_exists() {
  return pool_.ask("look for the table", options_.command_timeout,
                   [&](auto& client) { return client.tableExists(table_name(options_.table)); });
}

void HBaseGateway::create_table() {
  thrift2::TColumnFamilyDescriptor family;
  family.__set_name(options_.family);
  family.__set_maxVersions(1);
  thrift2::TTableDescriptor descriptor;
  descriptor.__set_tableName(table_name(options_.table));
  descriptor.__set_columns({family});
  pool_.ask("create the table", std::max<std::chrono::milliseconds>(administration_timeout, options_.command_timeout),
            [&](auto& client) {
              client.createTable(descriptor, {});
              return true;
            });
}

HBaseTableFacts HBaseGateway::table_facts() {
  const auto descriptor = pool_.ask("look at the table", options_.command_timeout, [&](auto& client) {
    thrift2::TTableDescriptor received;
    client.getTableDescriptor(received, table_name(options_.table));
    return received;
  });
  HBaseTableFacts facts;
  for (const auto& family : descriptor.columns) {
    if (family.name != options_.family) continue;
    facts.has_family = true;
    constexpr auto for_ever = std::numeric_limits<std::int32_t>::max();
    if (family.__isset.timeToLive && family.timeToLive != for_ever) facts.time_to_live = family.timeToLive;
  }
  facts.may_skip_log = descriptor.durability == thrift2::TDurability::SKIP_WAL ||
                       descriptor.durability == thrift2::TDurability::ASYNC_WAL;
  return facts;
}

}  // namespace tidemark::detail
