#include "stores/sqlite/connection.hpp"

#include <fmt/format.h>

#include <utility>

#include "stores/sqlite/failure.hpp"

namespace tidemark::detail {

namespace {

// A handler that writes values into its SQL text must not make the cache grow for ever.
constexpr std::size_t most_statements = 128;

SqliteRow::Cell cell_of(sqlite3_stmt* row, int column) {
  switch (sqlite3_column_type(row, column)) {
    case SQLITE_INTEGER:
      return std::int64_t{sqlite3_column_int64(row, column)};
    case SQLITE_FLOAT:
      return sqlite3_column_double(row, column);
    case SQLITE_TEXT: {
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(row, column));
      return std::string{text, static_cast<std::size_t>(sqlite3_column_bytes(row, column))};
    }
    case SQLITE_BLOB: {
      // An empty blob comes as a null pointer.
      const auto* bytes = static_cast<const char*>(sqlite3_column_blob(row, column));
      return SqliteRow::Blob{bytes ? std::string{bytes, static_cast<std::size_t>(sqlite3_column_bytes(row, column))}
                                   : ""};
    }
    default:
      return SqliteRow::Null{};
  }
}

bool is_blank(std::string_view sql) { return sql.find_first_not_of(" \t\r\n\f;") == std::string_view::npos; }

SqliteRow::Names names_of(sqlite3_stmt* statement) {
  std::vector<std::string> names;
  for (int i = 0; i < sqlite3_column_count(statement); ++i) names.emplace_back(sqlite3_column_name(statement, i));
  return std::make_shared<const std::vector<std::string>>(std::move(names));
}

}  // namespace

SqliteConnection::SqliteConnection(const SqliteOffsetStoreOptions& options, Role role)
    : options_{options}, busy_wait_{std::make_unique<BusyWait>(options.busy_timeout)} {
  open();
  if (options_.configure) options_.configure(handle());
  enable_wal();
  execute(options_.synchronous == SqliteSynchronous::full ? "pragma synchronous = full" : "pragma synchronous = normal",
          {});
  if (role == Role::reads) execute("pragma query_only = on", {});
}

void SqliteConnection::open() {
  // Made absolute, so that neither `:memory:` nor `file:` means anything but a file's name.
  const auto name = std::filesystem::absolute(options_.path).string();
  sqlite3* database = nullptr;
  const auto code = sqlite3_open_v2(name.c_str(), &database,
                                    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX, nullptr);
  database_.reset(database);
  if (code != SQLITE_OK) throw sqlite_failure(options_, database, code, "open the database");
  sqlite3_extended_result_codes(database, 1);
  busy_wait_->install(database);
  // SQLite opens for reading what it may not write.
  if (sqlite3_db_readonly(database, "main") == 1)
    throw sqlite_failure(options_, nullptr, SQLITE_READONLY, "open the database");
}

void SqliteConnection::enable_wal() {
  const auto rows = until_free([this] { return query("pragma journal_mode = wal", {}); });
  if (const auto mode = rows.at(0).get<std::string>(0); mode != "wal")
    throw StoreError{sqlite_message(options_, fmt::format("cannot switch from journal mode {} to WAL: the file's "
                                                          "filesystem has no shared memory; put it on a local disk",
                                                          mode)),
                     StoreError::Retry::no};
}

SqliteStatement& SqliteConnection::prepare(std::string_view sql) {
  if (const auto found = statements_.find(sql); found != statements_.end()) return found->second;
  auto rest = sql;
  SqliteStatement statement{options_, handle(), rest};
  if (!statement || !is_blank(rest))
    throw StoreError{
        sqlite_message(options_,
                       fmt::format("exactly one SQL statement is wanted here, with nothing after it: \"{}\"", sql)),
        StoreError::Retry::no};
  return keep(sql, std::move(statement));
}

SqliteStatement& SqliteConnection::keep(std::string_view sql, SqliteStatement statement) {
  if (statements_.size() >= most_statements) statements_.clear();
  return statements_.emplace(std::string{sql}, std::move(statement)).first->second;
}

std::int64_t SqliteConnection::execute(std::string_view sql, std::span<const SqliteValue> values) {
  if (!values.empty()) return run(prepare(sql), values);
  if (const auto found = statements_.find(sql); found != statements_.end()) return run(found->second, values);
  std::int64_t changed = 0;
  // A statement is prepared only after those before it have run: it may need a table that they make.
  for (auto rest = sql; !is_blank(rest);) {
    const auto is_first = rest.size() == sql.size();
    SqliteStatement statement{options_, handle(), rest};
    if (!statement) continue;
    if (is_first && is_blank(rest)) return run(keep(sql, std::move(statement)), values);
    changed = run(statement, values);
  }
  return changed;
}

std::int64_t SqliteConnection::run(SqliteStatement& statement, std::span<const SqliteValue> values) {
  // sqlite3_changes() keeps the number of an earlier statement where this one changes no rows by its nature.
  const auto before = sqlite3_total_changes(handle());
  SqliteStatement::Run{statement, values}.finish();
  return sqlite3_total_changes(handle()) == before ? 0 : sqlite3_changes(handle());
}

std::vector<SqliteRow> SqliteConnection::query(std::string_view sql, std::span<const SqliteValue> values) {
  auto& statement = prepare(sql);
  SqliteStatement::Run run{statement, values};
  std::vector<SqliteRow> rows;
  SqliteRow::Names names;
  while (run.next()) {
    // Only now: a first step may prepare the statement anew, after somebody changed the schema.
    if (!names) names = names_of(run.row());
    std::vector<SqliteRow::Cell> cells;
    const auto columns = sqlite3_column_count(run.row());
    cells.reserve(static_cast<std::size_t>(columns));
    for (int i = 0; i < columns; ++i) cells.push_back(cell_of(run.row(), i));
    rows.emplace_back(names, std::move(cells));
  }
  return rows;
}

}  // namespace tidemark::detail
