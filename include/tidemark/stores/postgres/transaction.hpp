#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tidemark/export.hpp>
#include <tidemark/offset_range.hpp>
#include <tidemark/offset_store.hpp>
#include <tidemark/stores/postgres/copy.hpp>
#include <tidemark/stores/postgres/row.hpp>
#include <tidemark/stores/postgres/value.hpp>

struct pg_conn;

namespace tidemark {

namespace detail {
class PostgresDatabase;
class PostgresTransactionState;
}  // namespace detail

/// What a handler writes its results through, so that PostgreSQL commits them together with the batch's offsets.
///
/// The first statement, not begin(), takes a connection and begins the transaction. The offsets are compared and set at the end, with COMMIT in
/// the same round trip, so no lock on them is held while the handler works. Rows that the handler has changed stay locked until then.
///
/// PostgreSQL ends the transaction when it hears nothing for PostgresOffsetStoreOptions::idle_in_transaction_timeout: do slow work, such
/// as calling a service, before the first statement.
///
/// Thread safety: one thread at a time.
/// Blocking:      each call waits at most PostgresOffsetStoreOptions::timeout; the first also connects, within the same time.
/// Lifetime:      must not outlive the store. Destroyed without commit(), it rolls back.
/// Errors:        StoreError; retryable where the consumer may call the handler again with the same batch. A statement that fails takes the
///                whole transaction with it: let the exception leave the handler, or use savepoint(). commit() throws where the handler
///                swallowed one.
class TIDEMARK_EXPORT PostgresTransaction {
 public:
  PostgresTransaction(PostgresTransaction&&) noexcept;
  PostgresTransaction& operator=(PostgresTransaction&&) noexcept;
  ~PostgresTransaction();

  /// Runs one statement with its parameters ($1, $2, …), one round trip. Returns the number of rows that it changed. Ranges become arrays, so one
  /// statement may write many rows:
  ///
  ///     transaction.execute("insert into totals select * from unnest($1::text[], $2::bigint[]) on conflict (carrier) do update set
  ///                          flights = totals.flights + excluded.flights", carriers, flights);
  ///
  /// Errors: StoreError, not retryable, for a statement that begins or ends a transaction: results and offsets are committed together, by
  ///         the consumer.
  template <class... Args>
    requires(std::constructible_from<PostgresValue, const Args&> && ...)
  std::int64_t execute(std::string_view sql, const Args&... args) {
    return execute_with(sql, std::array<PostgresValue, sizeof...(Args)>{PostgresValue{args}...});
  }

  /// The rows that one statement returns; it sees what this transaction has written.
  template <class... Args>
    requires(std::constructible_from<PostgresValue, const Args&> && ...)
  std::vector<PostgresRow> query(std::string_view sql, const Args&... args) {
    return query_with(sql, std::array<PostgresValue, sizeof...(Args)>{PostgresValue{args}...});
  }

  /// Queues a statement: many of them share round trips. What fails is thrown by the next call that waits, or by commit().
  template <class... Args>
    requires(std::constructible_from<PostgresValue, const Args&> && ...)
  void send(std::string_view sql, const Args&... args) {
    send_with(sql, std::array<PostgresValue, sizeof...(Args)>{PostgresValue{args}...});
  }

  /// Begins to append rows. A dot in `table` stands between schema and name; every name is quoted.
  PostgresCopy copy(std::string_view table, std::initializer_list<std::string_view> columns) {
    return copy(table, std::span{columns.begin(), columns.size()});
  }
  PostgresCopy copy(std::string_view table, std::span<const std::string_view> columns);

  /// Calls `part`. If it throws, what it has written is undone, the transaction is as good as before, and the exception goes on.
  template <class Part>
  void savepoint(Part part) {
    begin_savepoint();
    try {
      part();
    } catch (...) {
      roll_back_to_savepoint();
      throw;
    }
    release_savepoint();
  }

  /// The session, for what the other calls can't do; it is in the transaction. What is called on it blocks without a limit of ours. Leave
  /// nothing unfinished, the session's settings alone (`set local` is fine), and the transaction open: commit() throws otherwise.
  ///
  /// Lifetime: until the next call on this object.
  pg_conn* connection();

  /// Applies results and offsets together, in one round trip; called by the consumer after the handler has returned. Outcomes as
  /// TransactionalStore describes them; whatever it returns or throws, the transaction is over. Where the outcome is unknown it throws a
  /// retryable StoreError: the repeated batch finds its offsets moved then, and applies nothing twice.
  std::optional<Conflict> commit();

 private:
  friend class PostgresOffsetStore;

  PostgresTransaction(detail::PostgresDatabase& database, std::string_view group, std::span<const OffsetRange> ranges);

  std::int64_t execute_with(std::string_view sql, std::span<const PostgresValue> values);
  std::vector<PostgresRow> query_with(std::string_view sql, std::span<const PostgresValue> values);
  void send_with(std::string_view sql, std::span<const PostgresValue> values);
  void begin_savepoint();
  void roll_back_to_savepoint() noexcept;
  void release_savepoint();

  std::unique_ptr<detail::PostgresTransactionState> state_;
};

}  // namespace tidemark
