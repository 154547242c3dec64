#pragma once

#include <sqlite3.h>

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <tidemark/error.hpp>

#include "stores/common/deadline.hpp"
#include "stores/sqlite/busy_wait.hpp"
#include "stores/sqlite/statement.hpp"

namespace tidemark::detail {

/// A connection in WAL mode, with the statements that were prepared on it.
///
/// Thread safety: one thread at a time.
/// Errors:        StoreError.
class SqliteConnection {
 public:
  enum class Role { reads, writes };

  SqliteConnection(const SqliteOffsetStoreOptions& options, Role role);

  sqlite3* handle() const { return database_.get(); }
  const SqliteOffsetStoreOptions& options() const { return options_; }
  BusyWait& busy_wait() { return *busy_wait_; }

  /// Calls `action` again while other processes keep the file locked, for `busy_timeout` at most. For what SQLite answers BUSY to without any
  /// waiting, as it does where several processes make a new file.
  template <class Action>
  auto until_free(const Action& action) {
    for (const stores::Deadline deadline{options_.busy_timeout};;) {
      try {
        return action();
      } catch (const StoreError& error) {
        if (!error.is_retryable() || !busy_wait_->pause(deadline)) throw;
      }
    }
  }

  /// Prepared once for each text. Valid until the next call.
  SqliteStatement& prepare(std::string_view sql);

  /// Several statements are taken only without `values`. Returns the rows that the last one changed.
  std::int64_t execute(std::string_view sql, std::span<const SqliteValue> values);
  std::vector<SqliteRow> query(std::string_view sql, std::span<const SqliteValue> values);

 private:
  struct Close {
    void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };

  void open();
  void enable_wal();
  SqliteStatement& keep(std::string_view sql, SqliteStatement statement);
  std::int64_t run(SqliteStatement& statement, std::span<const SqliteValue> values);

  const SqliteOffsetStoreOptions& options_;
  std::unique_ptr<BusyWait> busy_wait_;  // at one address, which SQLite keeps
  std::unique_ptr<sqlite3, Close> database_;
  std::unordered_map<std::string, SqliteStatement, Hash, std::equal_to<>> statements_;
};

}  // namespace tidemark::detail
