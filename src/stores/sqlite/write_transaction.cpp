#include "stores/sqlite/write_transaction.hpp"

#include <fmt/format.h>

#include <chrono>

#include "stores/sqlite/failure.hpp"

namespace tidemark::detail {

namespace {

// A statement that its user left in the middle would keep its locks, or keep COMMIT from going through.
void reset_all_statements(sqlite3* database) {
  for (auto* statement = sqlite3_next_stmt(database, nullptr); statement;
       statement = sqlite3_next_stmt(database, statement))
    sqlite3_reset(statement);
}

void take_turn(SqliteDatabase::Writer& writer) {
  const auto& options = writer.connection.options();
  if (writer.turn.take(stores::Deadline{options.busy_timeout})) return;
  stores::CallScope::check();
  throw StoreError{
      sqlite_message(options,
                     fmt::format("another transaction of this store has been open for longer than "
                                 "SqliteOffsetStoreOptions::busy_timeout ({} ms): raise it, let handlers do slow work "
                                 "before they first use the transaction, and let them write through it, never through "
                                 "the store itself",
                                 options.busy_timeout.count())),
      StoreError::Retry::yes};
}

}  // namespace

SqliteWriteTransaction::SqliteWriteTransaction(SqliteDatabase& database) : writer_{database.writer()} {
  take_turn(writer_);
  connection().busy_wait().give_way();
  try {
    connection().execute("begin immediate", {});
  } catch (...) {
    writer_.turn.give_back();
    stores::CallScope::check();
    throw;
  }
  writer_.guard.begin();
}

SqliteWriteTransaction::~SqliteWriteTransaction() {
  rollback();
  writer_.turn.give_back();
}

void SqliteWriteTransaction::rollback() noexcept {
  reset_all_statements(connection().handle());
  if (sqlite3_get_autocommit(connection().handle()) == 0)
    sqlite3_exec(connection().handle(), "rollback", nullptr, nullptr, nullptr);
}

void SqliteWriteTransaction::require_open() const {
  if (!writer_.guard.ended() && sqlite3_get_autocommit(writer_.connection.handle()) == 0) return;
  throw StoreError{
      sqlite_message(writer_.connection.options(),
                     "the transaction was ended before its commit(), and nothing of it was kept: by a COMMIT or "
                     "ROLLBACK, by `on conflict rollback`, or by SQLite itself after an error that was caught; let "
                     "such errors out of the handler, and use savepoints for what must be undone alone"),
      StoreError::Retry::no};
}

void SqliteWriteTransaction::commit() {
  reset_all_statements(connection().handle());
  require_open();
  int moved = 0;
  // SQLite would go on writing to the deleted file, and the next process would find another one.
  if (sqlite3_file_control(connection().handle(), "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK && moved)
    throw StoreError{
        sqlite_message(connection().options(),
                       "the file was moved, replaced or deleted while it was open; nothing was committed: put it "
                       "back and start again"),
        StoreError::Retry::no};
  struct Allowed {
    explicit Allowed(CommitGuard& its) : guard{its} { guard.allow(true); }
    ~Allowed() { guard.allow(false); }
    CommitGuard& guard;
  } allowed{writer_.guard};
  connection().execute("commit", {});
}

}  // namespace tidemark::detail
