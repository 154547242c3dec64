#include "stores/sqlite/offset_table.hpp"

#include <fmt/format.h>

#include <array>
#include <limits>
#include <utility>

#include "stores/sqlite/failure.hpp"

namespace tidemark::detail {

namespace {

constexpr std::string_view create_sql =
    "create table if not exists tidemark_offsets("
    "group_id text not null, topic text not null, partition integer not null, next_offset integer not null, "
    "updated_at text not null, primary key(group_id, topic, partition)) without rowid";

#define TIDEMARK_NOW "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')"
constexpr std::string_view find_sql =
    "select next_offset from tidemark_offsets where group_id = ?1 and topic = ?2 and partition = ?3";
constexpr std::string_view update_sql = "update tidemark_offsets set next_offset = ?5, updated_at = " TIDEMARK_NOW
                                        " where group_id = ?1 and topic = ?2 and partition = ?3 and next_offset = ?4";
constexpr std::string_view insert_sql =
    "insert into tidemark_offsets(group_id, topic, partition, next_offset, updated_at) values (?1, ?2, ?3, "
    "?4, " TIDEMARK_NOW ")";
constexpr std::string_view groups_sql = "select distinct group_id from tidemark_offsets order by group_id";
constexpr std::string_view list_sql =
    "select topic, partition, next_offset from tidemark_offsets where group_id = ?1 order by topic, partition";
constexpr std::string_view overwrite_sql =
    "insert into tidemark_offsets(group_id, topic, partition, next_offset, updated_at) values (?1, ?2, ?3, "
    "?4, " TIDEMARK_NOW
    ") on conflict(group_id, topic, partition) do update set next_offset = excluded.next_offset, updated_at = "
    "excluded.updated_at";
constexpr std::string_view erase_sql =
    "delete from tidemark_offsets where group_id = ?1 and topic = ?2 and partition = ?3";
#undef TIDEMARK_NOW

std::string_view text_of(sqlite3_stmt* row, int column) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(row, column));
  return {text ? text : "", static_cast<std::size_t>(sqlite3_column_bytes(row, column))};
}

std::string describe(sqlite3_stmt* row, int column) {
  switch (sqlite3_column_type(row, column)) {
    case SQLITE_NULL:
      return "NULL";
    case SQLITE_INTEGER:
      return fmt::format("{}", sqlite3_column_int64(row, column));
    case SQLITE_FLOAT:
      return fmt::format("the real number {}", sqlite3_column_double(row, column));
    case SQLITE_TEXT:
      return "the text " + shown(text_of(row, column));
    default:
      return "a blob";
  }
}

}  // namespace

void SqliteOffsetTable::create(SqliteConnection& connection) {
  if (!connection.query("select 1 from sqlite_schema where type = 'table' and name = 'tidemark_offsets'", {}).empty())
    return;
  connection.execute(create_sql, {});
}

SqliteOffsetTable::SqliteOffsetTable(SqliteConnection& connection)
    : connection_{connection},
      find_{prepared(connection, find_sql)},
      update_{prepared(connection, update_sql)},
      insert_{prepared(connection, insert_sql)},
      list_{prepared(connection, list_sql)},
      overwrite_{prepared(connection, overwrite_sql)},
      erase_{prepared(connection, erase_sql)} {}

SqliteStatement SqliteOffsetTable::prepared(SqliteConnection& connection, std::string_view sql) {
  try {
    return SqliteStatement{connection.options(), connection.handle(), sql};
  } catch (const StoreError& error) {
    if (error.is_retryable()) throw;
    throw StoreError{
        fmt::format("{}; the table tidemark_offsets has not the columns or the key that the documentation of "
                    "SqliteOffsetStore names: rename it, or make it anew",
                    error.what()),
        StoreError::Retry::no};
  }
}

std::optional<std::int64_t> SqliteOffsetTable::find(std::string_view group, const TopicPartition& partition) {
  const std::array values{SqliteValue{group}, SqliteValue{partition.topic}, SqliteValue{partition.partition}};
  SqliteStatement::Run run{find_, values};
  if (!run.next()) return std::nullopt;
  return offset_of(run.row(), 0, group, partition);
}

SqliteMoves SqliteOffsetTable::move(std::string_view group, std::span<const OffsetRange> ranges) {
  SqliteMoves moves;
  for (const auto& range : ranges) {
    refuse_negative(group, range.partition, range.from);
    refuse_negative(group, range.partition, range.until);
    if (range.from != range.until && update(group, range)) {
      ++moves.moved;
      continue;
    }
    const auto stored = find(group, range.partition);
    if (!stored) {
      insert(group, range);
      ++moves.moved;
    } else if (*stored == range.until) {
      ++moves.done;
      if (range.from != range.until && !moves.repeated) moves.repeated = Conflict{range.partition, stored};
    } else {
      moves.conflict = Conflict{range.partition, stored};
      return moves;
    }
  }
  return moves;
}

bool SqliteOffsetTable::update(std::string_view group, const OffsetRange& range) {
  const std::array values{SqliteValue{group}, SqliteValue{range.partition.topic},
                          SqliteValue{range.partition.partition}, SqliteValue{range.from}, SqliteValue{range.until}};
  SqliteStatement::Run{update_, values}.finish();
  return sqlite3_changes(connection_.handle()) == 1;
}

void SqliteOffsetTable::insert(std::string_view group, const OffsetRange& range) {
  const std::array values{SqliteValue{group}, SqliteValue{range.partition.topic},
                          SqliteValue{range.partition.partition}, SqliteValue{range.until}};
  SqliteStatement::Run{insert_, values}.finish();
}

std::vector<std::string> SqliteOffsetTable::groups() {
  std::vector<std::string> names;
  auto statement = prepared(connection_, groups_sql);
  SqliteStatement::Run run{statement, {}};
  while (run.next()) {
    if (sqlite3_column_type(run.row(), 0) != SQLITE_TEXT)
      throw StoreError{
          sqlite_message(connection_.options(),
                         fmt::format("a row in tidemark_offsets has {} as its group_id; correct or delete it",
                                     describe(run.row(), 0))),
          StoreError::Retry::no};
    names.emplace_back(text_of(run.row(), 0));
  }
  return names;
}

std::vector<StoredOffset> SqliteOffsetTable::list(std::string_view group) {
  std::vector<StoredOffset> offsets;
  const std::array values{SqliteValue{group}};
  SqliteStatement::Run run{list_, values};
  while (run.next()) {
    const auto number = sqlite3_column_int64(run.row(), 1);
    if (sqlite3_column_type(run.row(), 0) != SQLITE_TEXT || sqlite3_column_type(run.row(), 1) != SQLITE_INTEGER ||
        number < 0 || number > std::numeric_limits<std::int32_t>::max())
      throw StoreError{sqlite_message(connection_.options(),
                                      fmt::format("the row of group {}, topic {}, partition {} in tidemark_offsets "
                                                  "names no partition; correct or delete it",
                                                  shown(group), describe(run.row(), 0), describe(run.row(), 1))),
                       StoreError::Retry::no};
    TopicPartition partition{std::string{text_of(run.row(), 0)}, static_cast<std::int32_t>(number)};
    const auto next = offset_of(run.row(), 2, group, partition);
    offsets.push_back({std::move(partition), next});
  }
  return offsets;
}

void SqliteOffsetTable::overwrite(std::string_view group, std::span<const StoredOffset> offsets) {
  for (const auto& offset : offsets) {
    refuse_negative(group, offset.partition, offset.next);
    const std::array values{SqliteValue{group}, SqliteValue{offset.partition.topic},
                            SqliteValue{offset.partition.partition}, SqliteValue{offset.next}};
    SqliteStatement::Run{overwrite_, values}.finish();
  }
}

void SqliteOffsetTable::erase(std::string_view group, std::span<const TopicPartition> partitions) {
  for (const auto& partition : partitions) {
    const std::array values{SqliteValue{group}, SqliteValue{partition.topic}, SqliteValue{partition.partition}};
    SqliteStatement::Run{erase_, values}.finish();
  }
}

void SqliteOffsetTable::refuse_negative(std::string_view group, const TopicPartition& partition,
                                        std::int64_t offset) const {
  if (offset >= 0) return;
  throw StoreError{sqlite_message(connection_.options(),
                                  fmt::format("{} is no offset to store for group {}, topic {}, partition {}: it is "
                                              "negative; nothing was changed",
                                              offset, shown(group), shown(partition.topic), partition.partition)),
                   StoreError::Retry::no};
}

std::int64_t SqliteOffsetTable::offset_of(sqlite3_stmt* row, int column, std::string_view group,
                                          const TopicPartition& partition) const {
  if (sqlite3_column_type(row, column) == SQLITE_INTEGER && sqlite3_column_int64(row, column) >= 0)
    return sqlite3_column_int64(row, column);
  throw StoreError{
      sqlite_message(connection_.options(),
                     fmt::format("the row of group {}, topic {}, partition {} in tidemark_offsets holds {} as its "
                                 "next_offset, which is no offset; correct or delete the row",
                                 shown(group), shown(partition.topic), partition.partition, describe(row, column))),
      StoreError::Retry::no};
}

}  // namespace tidemark::detail
