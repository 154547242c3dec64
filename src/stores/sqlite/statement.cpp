#include "stores/sqlite/statement.hpp"

#include <fmt/format.h>

#include <limits>

#include "stores/sqlite/failure.hpp"

namespace tidemark::detail {

namespace {

// The caller's values outlive the run, so SQLite needs no copies of them.
struct Bind {
  sqlite3_stmt* statement;
  int index;

  int operator()(SqliteValue::Null) const { return sqlite3_bind_null(statement, index); }
  int operator()(std::int64_t number) const { return sqlite3_bind_int64(statement, index, number); }
  int operator()(double number) const { return sqlite3_bind_double(statement, index, number); }
  int operator()(std::string_view text) const {
    // A null pointer would bind NULL.
    return sqlite3_bind_text64(statement, index, text.data() ? text.data() : "", text.size(), SQLITE_STATIC,
                               SQLITE_UTF8);
  }
  int operator()(SqliteValue::Blob blob) const {
    if (blob.bytes.empty()) return sqlite3_bind_zeroblob(statement, index, 0);
    return sqlite3_bind_blob64(statement, index, blob.bytes.data(), blob.bytes.size(), SQLITE_STATIC);
  }
};

}  // namespace

SqliteStatement::SqliteStatement(const SqliteOffsetStoreOptions& options, sqlite3* database, std::string_view& sql)
    : options_{&options} {
  if (sql.find('\0') != std::string_view::npos)
    throw StoreError{
        sqlite_message(options, fmt::format("SQL text contains a NUL byte, after \"{}\"; pass values as parameters",
                                            sql.substr(0, sql.find('\0')))),
        StoreError::Retry::no};
  if (sql.empty()) return;
  if (sql.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()))
    throw sqlite_failure(options, nullptr, SQLITE_TOOBIG, "prepare SQL", sql);
  sqlite3_stmt* statement = nullptr;
  const char* rest = nullptr;
  const auto code = sqlite3_prepare_v3(database, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                       &statement, &rest);
  statement_.reset(statement);
  if (code != SQLITE_OK) throw sqlite_failure(options, database, code, "prepare SQL", sql);
  sql.remove_prefix(static_cast<std::size_t>(rest - sql.data()));
}

SqliteStatement::Run::Run(SqliteStatement& statement, std::span<const SqliteValue> values) : statement_{statement} {
  const auto wanted = sqlite3_bind_parameter_count(statement.handle());
  // SQLite would take NULL for a missing one.
  if (static_cast<std::size_t>(wanted) != values.size())
    throw StoreError{
        sqlite_message(*statement.options_, fmt::format("{} parameters were passed to SQL that has {}: \"{}\"",
                                                        values.size(), wanted, statement.sql())),
        StoreError::Retry::no};
  for (int i = 0; i < wanted; ++i) {
    const auto code = std::visit(Bind{statement.handle(), i + 1}, values[static_cast<std::size_t>(i)].variant());
    if (code != SQLITE_OK) {
      auto failure = sqlite_failure(*statement.options_, sqlite3_db_handle(statement.handle()), code,
                                    fmt::format("bind parameter ?{}", i + 1), statement.sql());
      sqlite3_clear_bindings(statement.handle());
      throw failure;
    }
  }
}

SqliteStatement::Run::~Run() {
  sqlite3_reset(statement_.handle());
  sqlite3_clear_bindings(statement_.handle());
}

bool SqliteStatement::Run::next() {
  const auto code = sqlite3_step(statement_.handle());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  throw sqlite_failure(*statement_.options_, sqlite3_db_handle(statement_.handle()), code, "run SQL", statement_.sql());
}

}  // namespace tidemark::detail
