#pragma once

#include "stores/sqlite/database.hpp"

namespace tidemark::detail {

/// Has the turn to write and SQLite's write lock from construction to destruction, which rolls back what was not committed.
///
/// Errors: StoreError, retryable when turn or lock were not to be had in time.
class SqliteWriteTransaction {
 public:
  /// Waits for turn and lock within `busy_timeout` each, and within what the session allows.
  explicit SqliteWriteTransaction(SqliteDatabase& database);
  ~SqliteWriteTransaction();
  SqliteWriteTransaction(const SqliteWriteTransaction&) = delete;
  SqliteWriteTransaction& operator=(const SqliteWriteTransaction&) = delete;

  SqliteConnection& connection() { return writer_.connection; }
  SqliteOffsetTable& offsets() { return writer_.offsets; }

  /// Throws when somebody else than commit() has ended the transaction.
  void require_open() const;

  void commit();

 private:
  void rollback() noexcept;

  SqliteDatabase::Writer& writer_;
};

}  // namespace tidemark::detail
