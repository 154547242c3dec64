#pragma once

#include <array>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <tidemark/export.hpp>
#include <tidemark/offset_catalog.hpp>
#include <tidemark/offset_store.hpp>
#include <tidemark/stores/sqlite/row.hpp>
#include <tidemark/stores/sqlite/transaction.hpp>
#include <tidemark/stores/sqlite/value.hpp>

struct sqlite3;

namespace tidemark {

namespace detail {
class SqliteDatabase;
}

/// When SQLite waits for the disk.
enum class SqliteSynchronous {
  full,  ///< At every commit: what was committed survives a power cut.
  normal,  ///< At checkpoints only. A power cut may undo the latest commits, results and offsets together: they are read again.
};

/// Everything a SqliteOffsetStore can be told. Only `path` has no default.
struct SqliteOffsetStoreOptions {
  /// The database file, created where it is absent; its directory must exist. On a local disk: WAL doesn't work on network ones.
  std::filesystem::path path;

  /// How long a call waits for its turn among the transactions of this store, and then for those of other processes: it looks again after
  /// less than 1 ms, so that processes that commit all the time get the file equally often.
  std::chrono::milliseconds busy_timeout{10'000};

  SqliteSynchronous synchronous = SqliteSynchronous::full;

  /// Called with each of the store's two connections when it is opened, for what belongs to a connection: `pragma foreign_keys`,
  /// functions, collations, extensions. Leave its hooks, its journal mode and its time-out alone.
  std::function<void(sqlite3*)> configure{};
};

/// Offsets in an SQLite file, beside your own tables: with its Transaction, results and offsets are written together or not at all,
/// which makes the effect exactly once. Many threads, processes and groups may share one file; they write one after the other, so a process
/// that is stopped in the middle of a transaction holds up all of them, until `busy_timeout` ends their calls.
///
///     tidemark::SqliteOffsetStore store{"totals.db"};
///     store.execute("create table if not exists totals(carrier text primary key, flights integer not null)");
///     tidemark::MicroBatchConsumer<> consumer{
///         options, store, [](const tidemark::Batch<>& batch, tidemark::SqliteTransaction& transaction) {
///           for (const auto& record : batch)
///             transaction.execute("insert into totals values (?1, 1) on conflict do update set flights = flights + 1", record.key());
///         }};
///
/// Format: the table
///
///     create table tidemark_offsets(
///       group_id text not null, topic text not null, partition integer not null,
///       next_offset integer not null,  -- the next offset to read, never negative
///       updated_at text not null,      -- when it last changed, UTC, as 2013-01-31T23:59:59.999Z
///       primary key(group_id, topic, partition)) without rowid
///
/// is made when the file is opened. One made by hand will do if it has these columns and this key. The file is switched to WAL, so
/// `-wal` and `-shm` files stand beside it: copy it with `sqlite3 totals.db ".backup copy.db"`, not with cp.
///
/// Thread safety: shared objects safe. Don't carry one across fork().
/// Blocking:      calls that write wait up to twice `busy_timeout`, less with GroupSession's deadline or stop; load(), list()
///                and query() don't wait for writers.
/// Lifetime:      must outlive its transactions.
/// Errors:        StoreError, with SQLite's own message and the SQL; retryable when the database is locked by others. The
///                constructor throws ConfigError for options that can't work.
class TIDEMARK_EXPORT SqliteOffsetStore final : public OffsetStore, public OffsetCatalog {
 public:
  using Transaction = SqliteTransaction;

  explicit SqliteOffsetStore(SqliteOffsetStoreOptions options);
  explicit SqliteOffsetStore(std::filesystem::path path);
  ~SqliteOffsetStore() override;

  SqliteOffsetStore(const SqliteOffsetStore&) = delete;
  SqliteOffsetStore& operator=(const SqliteOffsetStore&) = delete;

  std::vector<std::optional<std::int64_t>> load(const GroupSession& session,
                                                std::span<const TopicPartition> partitions) override;
  std::optional<Conflict> commit(const GroupSession& session, std::span<const OffsetRange> ranges) override;

  std::vector<std::string> groups() override;
  std::vector<StoredOffset> list(std::string_view group) override;
  void overwrite(std::string_view group, std::span<const StoredOffset> offsets) override;
  void erase(std::string_view group, std::span<const TopicPartition> partitions) override;

  /// A transaction that moves these offsets when it is committed. Takes no lock yet: see SqliteTransaction.
  Transaction begin(const GroupSession& session, std::span<const OffsetRange> ranges);

  /// Runs SQL in a transaction of its own, such as the `create table if not exists …` of your own tables. Without parameters it
  /// may be several statements, separated by semicolons: all are done, or none. Returns the rows that the last one changed.
  template <class... Args>
    requires(std::constructible_from<SqliteValue, const Args&> && ...)
  std::int64_t execute(std::string_view sql, const Args&... args) {
    return execute_with(sql, std::array<SqliteValue, sizeof...(Args)>{SqliteValue{args}...});
  }

  /// Reads what is committed. Not for use inside a handler: its own transaction's query() sees what it has written.
  template <class... Args>
    requires(std::constructible_from<SqliteValue, const Args&> && ...)
  std::vector<SqliteRow> query(std::string_view sql, const Args&... args) {
    return query_with(sql, std::array<SqliteValue, sizeof...(Args)>{SqliteValue{args}...});
  }

 private:
  std::int64_t execute_with(std::string_view sql, std::span<const SqliteValue> values);
  std::vector<SqliteRow> query_with(std::string_view sql, std::span<const SqliteValue> values);

  std::unique_ptr<detail::SqliteDatabase> database_;
};

}  // namespace tidemark
