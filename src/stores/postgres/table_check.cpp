#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "stores/common/text.hpp"
#include "stores/postgres/offset_table.hpp"

namespace tidemark::detail {

namespace {

constexpr std::string_view columns_sql =
    "select a.attname, t.typname from pg_catalog.pg_attribute a join pg_catalog.pg_type t on t.oid = a.atttypid where "
    "a.attrelid = to_regclass($1::text) and a.attnum > 0 and not a.attisdropped";

constexpr std::string_view key_sql =
    "select 1 from pg_catalog.pg_index i where i.indrelid = to_regclass($1::text) and i.indisunique and i.indisvalid "
    "and "
    "i.indimmediate and i.indpred is null and i.indnatts = cardinality($2::text[]) and (select "
    "array_agg(a.attname::text "
    "order by a.attname::text collate \"C\") from pg_catalog.pg_attribute a where a.attrelid = i.indrelid and a.attnum "
    "= "
    "any(i.indkey)) = $2::text[]";

struct Wanted {
  std::string_view member;
  std::string name;
  std::vector<std::string_view> types;
};

}  // namespace

void PostgresOffsetTable::require_table(PostgresConnection& connection, const PostgresWait& wait) {
  if (is_there_) return;
  const std::array name{PostgresValue{sql_.table}};
  const auto found = connection.run("select to_regclass($1::text)", name, wait);
  if (found.is_error()) throw failure(connection.target(), "cannot look for the table", found);
  if (!found.field(0, 0)) create(connection, wait);
  check_shape(connection, wait);
  is_there_ = true;
}

void PostgresOffsetTable::create(PostgresConnection& connection, const PostgresWait& wait) {
  const PostgresTable usual;
  const auto& names = options_.table;
  const bool is_ours = names.group == usual.group && names.topic == usual.topic && names.partition == usual.partition &&
                       names.next == usual.next && names.updated_at == usual.updated_at;
  if (!options_.create_table || !is_ours)
    throw postgres_error(
        connection.target(),
        fmt::format("the table {} does not exist, or the user can't see its schema: create it with \"{}\"{}",
                    sql_.table, sql_.create,
                    is_ours ? ", or set PostgresOffsetStoreOptions::create_table"
                            : ", or correct "
                              "PostgresOffsetStoreOptions::table"),
        StoreError::Retry::no);
  const auto made = connection.run(sql_.create, {}, wait);
  if (!made.is_error()) return;
  // Two that create it at once meet in one of the system's catalogs: pg_class, pg_type before or after the winner has committed. The winner's
  // table is as good.
  const auto report = postgres_report(made.result.get());
  constexpr std::array made_by_another{sqlstate::unique_violation, sqlstate::duplicate_table,
                                       sqlstate::duplicate_object};
  if (std::ranges::find(made_by_another, report.sqlstate) != made_by_another.end()) return;
  throw postgres_failure(connection.target(), fmt::format("cannot create the table {}", sql_.table), report,
                         sql_.create);
}

void PostgresOffsetTable::check_shape(PostgresConnection& connection, const PostgresWait& wait) {
  const auto refuse = [&](std::string_view why) {
    throw postgres_error(
        connection.target(),
        fmt::format("the table {} {}: correct PostgresOffsetStoreOptions::table, or create a table with \"{}\"",
                    sql_.table, why, sql_.create),
        StoreError::Retry::no);
  };
  const std::array name{PostgresValue{sql_.table}};
  const auto columns = connection.run(columns_sql, name, wait);
  if (columns.is_error()) throw failure(connection.target(), "cannot look at the columns", columns);
  std::map<std::string, std::string, std::less<>> types;
  for (int row = 0; row < columns.rows(); ++row)
    types.emplace(columns.field(row, 0).value_or(""), columns.field(row, 1).value_or(""));
  const auto& table = options_.table;
  const std::array wanted{Wanted{"group", table.group, {"text", "varchar"}},
                          Wanted{"topic", table.topic, {"text", "varchar"}},
                          Wanted{"partition", table.partition, {"int4", "int8"}}, Wanted{"next", table.next, {"int8"}},
                          Wanted{"updated_at", table.updated_at, {"timestamptz", "timestamp"}}};
  for (const auto& each : wanted) {
    if (each.name.empty()) continue;
    const auto found = types.find(each.name);
    if (found == types.end())
      refuse(fmt::format("has no column {} (PostgresTable::{})", stores::quoted(each.name), each.member));
    if (std::ranges::find(each.types, found->second) == each.types.end())
      refuse(fmt::format("has a column {} of type {}, but PostgresTable::{} must be {}", stores::quoted(each.name),
                         found->second, each.member, fmt::join(each.types, " or ")));
  }
  std::vector<std::string> key{table.topic, table.partition};
  if (sql_.has_group) key.push_back(table.group);
  std::ranges::sort(key);
  const std::array parameters{PostgresValue{sql_.table}, PostgresValue{key}};
  const auto unique = connection.run(key_sql, parameters, wait);
  if (unique.is_error()) throw failure(connection.target(), "cannot look at the key", unique);
  if (unique.rows() == 0)
    refuse(fmt::format(
        "has no primary key or unique index on exactly the columns {}, so one partition could have two rows",
        fmt::join(key, ", ")));
}

}  // namespace tidemark::detail
