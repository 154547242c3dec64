#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <tidemark/export.hpp>
#include <tidemark/offset_range.hpp>
#include <tidemark/offset_store.hpp>
#include <tidemark/stores/sqlite/row.hpp>
#include <tidemark/stores/sqlite/value.hpp>

struct sqlite3;

namespace tidemark {

namespace detail {
class SqliteDatabase;
}

/// What a handler writes its results through, so that they go into the database together with the batch's offsets.
///
/// Its first use, not begin(), takes SQLite's write lock (`begin immediate`), and commit() gives it back. Others can't write in
/// between, so do slow work, such as calling a service, before.
///
/// SQL is prepared once and kept, so pass values as parameters (?1, ?2, …) instead of writing them into the text.
///
/// Thread safety: one thread at a time.
/// Blocking:      the first use waits up to twice SqliteOffsetStoreOptions::busy_timeout, less where GroupSession::stop is set.
/// Lifetime:      must not outlive the store. Destroyed without commit(), it rolls back.
/// Errors:        StoreError. A handler that catches it may go on: SQLite undoes the failed statement alone. Where SQLite gave up
///                the whole transaction (a full disk, `on conflict rollback`), each later call throws, commit() too.
class TIDEMARK_EXPORT SqliteTransaction {
 public:
  SqliteTransaction(SqliteTransaction&&) noexcept;
  SqliteTransaction& operator=(SqliteTransaction&&) noexcept;
  ~SqliteTransaction();

  /// Runs SQL with its parameters; rows it may return are dropped. Without parameters it may be several statements, separated by
  /// semicolons. Returns the number of rows that the last one changed.
  template <class... Args>
    requires(std::constructible_from<SqliteValue, const Args&> && ...)
  std::int64_t execute(std::string_view sql, const Args&... args) {
    return execute_with(sql, std::array<SqliteValue, sizeof...(Args)>{SqliteValue{args}...});
  }

  /// The rows that one statement returns; it sees what this transaction has written.
  template <class... Args>
    requires(std::constructible_from<SqliteValue, const Args&> && ...)
  std::vector<SqliteRow> query(std::string_view sql, const Args&... args) {
    return query_with(sql, std::array<SqliteValue, sizeof...(Args)>{SqliteValue{args}...});
  }

  /// The connection, for what execute() and query() can't do. Finalize your statements before the handler returns. It refuses every
  /// commit but ours: `commit` and, once you have rolled back, every write fail.
  sqlite3* database();

  /// Applies results and offsets together; called by the consumer after the handler has returned. Outcomes as TransactionalStore
  /// describes them; whatever it returns or throws, the transaction is over.
  std::optional<Conflict> commit();

 private:
  friend class SqliteOffsetStore;
  class Impl;

  SqliteTransaction(detail::SqliteDatabase& database, const GroupSession& session, std::span<const OffsetRange> ranges);

  std::int64_t execute_with(std::string_view sql, std::span<const SqliteValue> values);
  std::vector<SqliteRow> query_with(std::string_view sql, std::span<const SqliteValue> values);

  std::unique_ptr<Impl> impl_;
};

}  // namespace tidemark
