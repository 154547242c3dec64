#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include <tidemark/stores/sqlite.hpp>

namespace tidemark::detail {

/// A prepared statement.
///
/// Lifetime: must not outlive its connection.
/// Errors:   StoreError.
class SqliteStatement {
 public:
  /// Prepares the first statement of `sql`, and cuts it off there. Null, as operator bool tells, where only blanks and comments are left.
  SqliteStatement(const SqliteOffsetStoreOptions& options, sqlite3* database, std::string_view& sql);

  explicit operator bool() const { return statement_ != nullptr; }
  sqlite3_stmt* handle() const { return statement_.get(); }
  std::string_view sql() const { return sqlite3_sql(handle()); }

  /// One run, from bind() to the end of the scope: then the statement is reset and its parameters are forgotten.
  class Run {
   public:
    Run(SqliteStatement& statement, std::span<const SqliteValue> values);
    ~Run();
    Run(const Run&) = delete;
    Run& operator=(const Run&) = delete;

    /// Whether there is another row.
    bool next();
    void finish() {
      while (next()) continue;
    }
    sqlite3_stmt* row() const { return statement_.handle(); }

   private:
    SqliteStatement& statement_;
  };

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };

  const SqliteOffsetStoreOptions* options_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

}  // namespace tidemark::detail
