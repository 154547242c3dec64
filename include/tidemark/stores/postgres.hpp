#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tidemark/export.hpp>
#include <tidemark/offset_catalog.hpp>
#include <tidemark/offset_store.hpp>
#include <tidemark/stores/postgres/copy.hpp>
#include <tidemark/stores/postgres/options.hpp>
#include <tidemark/stores/postgres/row.hpp>
#include <tidemark/stores/postgres/transaction.hpp>
#include <tidemark/stores/postgres/value.hpp>

namespace tidemark {

namespace detail {
class PostgresDatabase;
}

/// Offsets in PostgreSQL, beside your own tables: with its Transaction, results and offsets are committed together or not at all, which makes the
/// effect exactly once in the database's own history. Many threads, processes and groups share one table.
///
///     tidemark::PostgresOffsetStore store{"host=db1 dbname=shop"};
///     tidemark::MicroBatchConsumer<> consumer{
///         options, store, [](const tidemark::Batch<>& batch, tidemark::PostgresTransaction& transaction) {
///           auto rows = transaction.copy("orders", {"id", "body"});
///           for (const auto& record : batch) rows.add(record.key(), record.value());
///           rows.finish();
///         }};
///
/// Format: the table
///
///     create table tidemark_offsets(
///       group_id text not null, topic text not null, partition integer not null,
///       next_offset bigint not null,      -- the next offset to read, never negative
///       updated_at timestamptz not null,  -- when it last changed
///       primary key(group_id, topic, partition)) with (fillfactor = 50)
///
/// is created by the first call where it is absent (postgres_create_table() has the exact statement); PostgresTable names another one. A
/// commit is one statement that compares and sets, however many partitions it moves.
///
/// Thread safety: shared objects safe; each call has a connection for itself. Don't carry one across fork().
/// Blocking:      a call waits at most PostgresOffsetStoreOptions::timeout in all, and until GroupSession::deadline or stop if that is sooner.
///                The constructor connects to nothing.
/// Lifetime:      must outlive its transactions.
/// Errors:        StoreError, with PostgreSQL's own message and SQLSTATE; retryable where time, a reconnection or a fail-over may mend it. The
///                constructor throws ConfigError for options that can't work. No password is in any text.
class TIDEMARK_EXPORT PostgresOffsetStore final : public OffsetStore, public OffsetCatalog {
 public:
  using Transaction = PostgresTransaction;

  explicit PostgresOffsetStore(PostgresOffsetStoreOptions options);
  /// PostgresOffsetStoreOptions::connection.
  explicit PostgresOffsetStore(std::string connection);
  ~PostgresOffsetStore() override;

  PostgresOffsetStore(const PostgresOffsetStore&) = delete;
  PostgresOffsetStore& operator=(const PostgresOffsetStore&) = delete;

  std::vector<std::optional<std::int64_t>> load(const GroupSession& session,
                                                std::span<const TopicPartition> partitions) override;
  std::optional<Conflict> commit(const GroupSession& session, std::span<const OffsetRange> ranges) override;

  std::vector<std::string> groups() override;
  std::vector<StoredOffset> list(std::string_view group) override;
  void overwrite(std::string_view group, std::span<const StoredOffset> offsets) override;
  void erase(std::string_view group, std::span<const TopicPartition> partitions) override;

  /// A transaction that moves these offsets when it is committed. Takes no connection yet.
  Transaction begin(const GroupSession& session, std::span<const OffsetRange> ranges);

  /// Runs one statement in a transaction of its own, such as the `create table if not exists …` of your own tables. Returns the rows that it
  /// changed.
  template <class... Args>
    requires(std::constructible_from<PostgresValue, const Args&> && ...)
  std::int64_t execute(std::string_view sql, const Args&... args) {
    return execute_with(sql, std::array<PostgresValue, sizeof...(Args)>{PostgresValue{args}...});
  }

  /// Reads what is committed. Not for use inside a handler: its own transaction's query() sees what it has written.
  template <class... Args>
    requires(std::constructible_from<PostgresValue, const Args&> && ...)
  std::vector<PostgresRow> query(std::string_view sql, const Args&... args) {
    return query_with(sql, std::array<PostgresValue, sizeof...(Args)>{PostgresValue{args}...});
  }

 private:
  std::int64_t execute_with(std::string_view sql, std::span<const PostgresValue> values);
  std::vector<PostgresRow> query_with(std::string_view sql, std::span<const PostgresValue> values);

  std::unique_ptr<detail::PostgresDatabase> database_;
};

/// The offsets that a query on another program's table finds, to be put into a store once, by OffsetCatalog::overwrite, before its first
/// consumer starts. The query returns three columns: topic, partition and the next offset to read (add 1 where the table holds the last
/// offset that was read).
///
///     store.overwrite("billing", tidemark::read_postgres_offsets(store, "select topic, part, off from txn_offsets"));
///
/// Errors: StoreError, not retryable, that names the row whose values are not a topic, a partition and an offset. Nothing is guessed or skipped.
TIDEMARK_EXPORT std::vector<StoredOffset> read_postgres_offsets(PostgresOffsetStore& store, std::string_view query);

}  // namespace tidemark
