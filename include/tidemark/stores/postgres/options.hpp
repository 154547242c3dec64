#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include <tidemark/export.hpp>

namespace tidemark {

/// Where the offsets are. The defaults are tidemark's own table. Name other columns to keep a table that another program has filled, such as
/// the one of Koeninger's "kafka-exactly-once":
///
///     .table = {.name = "txn_offsets", .group = "", .partition = "part", .next = "off", .updated_at = ""}
///
/// Names are quoted, so upper and lower case count. PostgreSQL cuts names after 63 bytes; longer ones are a ConfigError.
struct PostgresTable {
  std::string schema{};  ///< Empty: the first schema of the search path that has the table.
  std::string name = "tidemark_offsets";
  /// The column with the group's name. Empty: the table has no such column and serves one group; the store refuses a second one.
  std::string group = "group_id";
  std::string topic = "topic";            ///< text or varchar.
  std::string partition = "partition";    ///< integer or bigint.
  std::string next = "next_offset";       ///< bigint: the next offset to read.
  std::string updated_at = "updated_at";  ///< timestamptz, set at each change. Empty: the table has no such column.
};

enum class PostgresPreparedStatements {
  automatic,  ///< Each connection prepares a statement once and keeps it.
  never,      ///< Nothing outlives a transaction: for PgBouncer in transaction mode.
};

/// Everything a PostgresOffsetStore can be told. Only `connection` has no default.
struct PostgresOffsetStoreOptions {
  /// libpq's connection string or URI, with several hosts if there are several:
  /// `host=db1,db2 dbname=shop target_session_attrs=read-write sslmode=verify-full sslrootcert=system`. What it leaves out comes from
  /// libpq's environment variables, service file and password file.
  std::string connection;

  PostgresTable table{};

  /// Creates the table when the first call finds none. With false, run postgres_create_table() by hand: the store then needs only SELECT,
  /// INSERT, UPDATE and DELETE on the table. Tables with other columns than the default ones are never created.
  bool create_table = true;

  /// The most connections that the store opens. A transaction keeps one from its first statement to its end, so have as many as the
  /// consumers have workers. A call that finds all in use waits for one.
  std::size_t max_connections = 16;
  std::size_t max_idle_connections = 8;  ///< The connections that are kept open when nobody uses them.

  /// How long load(), commit() and each call of a transaction may take, including the wait for a connection. It is also the
  /// `statement_timeout` on the server. A call that needs longer ends with a retryable StoreError.
  std::chrono::milliseconds timeout{10'000};

  /// How long one attempt to connect may take, within `timeout`. Several hosts share it.
  std::chrono::milliseconds connect_timeout{5'000};

  /// After how long PostgreSQL ends a transaction whose consumer sends nothing. A consumer that froze in its handler holds its rows locked
  /// for that long, so keep it as short as the handler allows. It must not be shorter than the handler's longest pause between two statements.
  std::chrono::milliseconds idle_in_transaction_timeout{60'000};

  PostgresPreparedStatements prepared_statements = PostgresPreparedStatements::automatic;
};

/// The statement that creates the table, to be run by a role that may.
///
/// Errors: ConfigError for names that PostgreSQL can't hold.
TIDEMARK_EXPORT std::string postgres_create_table(const PostgresTable& table = {});

}  // namespace tidemark
