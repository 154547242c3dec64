#include "stores/sqlite/failure.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <system_error>

#include "stores/common/text.hpp"

namespace tidemark::detail {

namespace {

constexpr std::size_t longest_sql = 500;
constexpr std::size_t longest_name = 250;  // a topic's may have 249

std::string cannot_open_hint(const SqliteOffsetStoreOptions& options) {
  std::error_code ignored;
  const auto directory = options.path.has_parent_path() ? options.path.parent_path() : std::filesystem::path{"."};
  if (!std::filesystem::is_directory(directory, ignored))
    return fmt::format("create the directory {}, or change SqliteOffsetStoreOptions::path", directory.string());
  return "the path must be a file that this user may read and write, in a directory that it may write to: see "
         "SqliteOffsetStoreOptions::path";
}

std::string hint(const SqliteOffsetStoreOptions& options, sqlite3* database, int code) {
  if (code == SQLITE_CONSTRAINT_COMMITHOOK)
    return "results and offsets go in together, by the transaction's commit() after the handler has returned; remove "
           "the "
           "COMMIT, and write through the transaction only while it lasts";
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return fmt::format(
          "another connection or process held the file's lock for longer than SqliteOffsetStoreOptions::busy_timeout "
          "({} "
          "ms): raise it, or keep transactions shorter",
          options.busy_timeout.count());
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      return "the file is damaged, encrypted or not an SQLite database: check it with `pragma integrity_check`, "
             "restore a "
             "backup, or change SqliteOffsetStoreOptions::path";
    case SQLITE_FULL:
      return "make room on the disk (or raise `pragma max_page_count`); nothing of this transaction was kept";
    case SQLITE_IOERR:
      return "check the disk and the system's log; load the offsets again to learn what was kept";
    case SQLITE_READONLY:
      if (database && sqlite3_db_readonly(database, "main") == 0)
        return "query() of the store only reads: write through execute() or a transaction";
      [[fallthrough]];
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return "this user must be allowed to write the file, its -wal and -shm companions and their directory";
    case SQLITE_CANTOPEN:
      return cannot_open_hint(options);
    case SQLITE_ERROR:
      return "check the SQL; create your own tables with SqliteOffsetStore::execute() before the consumer starts";
    default:
      return {};
  }
}

// PROTOCOL is a lost race for WAL's locks, which the next attempt wins.
bool passes_by_itself(int code) {
  const auto primary = code & 0xff;
  return primary == SQLITE_BUSY || primary == SQLITE_LOCKED || primary == SQLITE_PROTOCOL;
}

}  // namespace

std::string sqlite_message(const SqliteOffsetStoreOptions& options, std::string_view what) {
  return fmt::format("SQLite store \"{}\": {}", options.path.string(), what);
}

std::string shown(std::string_view name) { return stores::quoted(name, longest_name); }

StoreError sqlite_failure(const SqliteOffsetStoreOptions& options, sqlite3* database, int code, std::string_view action,
                          std::string_view sql) {
  auto text =
      fmt::format("cannot {}: {}", action,
                  database && sqlite3_errcode(database) != SQLITE_OK ? sqlite3_errmsg(database) : sqlite3_errstr(code));
  text += fmt::format(" (SQLite code {})", code);
  if (!sql.empty())
    text += fmt::format(", in \"{}{}\"", sql.substr(0, longest_sql), sql.size() > longest_sql ? "…" : "");
  if (const auto advice = hint(options, database, code); !advice.empty()) text += "; " + advice;
  return StoreError{sqlite_message(options, text),
                    passes_by_itself(code) ? StoreError::Retry::yes : StoreError::Retry::no};
}

}  // namespace tidemark::detail
