#include "stores/sqlite/database.hpp"

#include <utility>

namespace tidemark::detail {

namespace {

SqliteOffsetStoreOptions checked(SqliteOffsetStoreOptions options) {
  const auto& name = options.path.native();
  if (name.empty()) throw ConfigError{"SqliteOffsetStoreOptions::path is empty: name the database file"};
  if (name == ":memory:")
    throw ConfigError{
        "SqliteOffsetStoreOptions::path is \":memory:\", but offsets must outlive the process: name a file; for tests "
        "there is "
        "tidemark::testing's MemoryOffsetStore"};
  if (name.find('\0') != std::string::npos) throw ConfigError{"SqliteOffsetStoreOptions::path contains a NUL byte"};
  if (options.busy_timeout.count() < 0)
    throw ConfigError{"SqliteOffsetStoreOptions::busy_timeout is negative: 0 never waits, 10 s is the default"};
  return options;
}

// Made before anything is prepared that needs it.
SqliteOffsetTable made_table(SqliteConnection& connection) {
  connection.until_free([&] { SqliteOffsetTable::create(connection); });
  return connection.until_free([&] { return SqliteOffsetTable{connection}; });
}

}  // namespace

SqliteDatabase::Writer::Writer(const SqliteOffsetStoreOptions& options)
    : connection{options, SqliteConnection::Role::writes},
      offsets{made_table(connection)},
      guard{connection.handle()} {}

SqliteDatabase::SqliteDatabase(SqliteOffsetStoreOptions options)
    : options_{checked(std::move(options))},
      writer_{options_},
      reader_{options_, SqliteConnection::Role::reads},
      reader_offsets_{reader_.until_free([this] { return SqliteOffsetTable{reader_}; })} {}

}  // namespace tidemark::detail
