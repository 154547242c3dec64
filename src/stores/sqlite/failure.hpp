#pragma once

#include <string>
#include <string_view>

#include <tidemark/error.hpp>
#include <tidemark/stores/sqlite.hpp>

namespace tidemark::detail {

/// "SQLite store "totals.db": <what>", as every error of the store begins.
std::string sqlite_message(const SqliteOffsetStoreOptions& options, std::string_view what);

/// A name that came from outside, in quotes: shortened, and with control characters escaped, for a NUL would end the message.
std::string shown(std::string_view name);

/// The error for SQLite's `code`: what was being done, SQLite's own words, the SQL, and what mends it. `database` may be null.
StoreError sqlite_failure(const SqliteOffsetStoreOptions& options, sqlite3* database, int code, std::string_view action,
                          std::string_view sql = {});

}  // namespace tidemark::detail
