#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tidemark/offset_catalog.hpp>
#include <tidemark/offset_range.hpp>

#include "stores/sqlite/connection.hpp"

namespace tidemark::detail {

/// What became of a commit's ranges, inside of the transaction.
struct SqliteMoves {
  std::size_t moved = 0;
  std::size_t done = 0;              ///< `until` was stored already.
  std::optional<Conflict> repeated;  ///< The first of those that are done, unless its range is empty.
  std::optional<Conflict>
      conflict;  ///< The first range that neither moved nor was done; those after it were not tried.
};

/// The table tidemark_offsets, as seen through one connection. Whoever calls has a transaction open.
///
/// Errors: StoreError, also for a row that holds no offset.
class SqliteOffsetTable {
 public:
  /// Where it doesn't exist. Takes no lock where it does.
  static void create(SqliteConnection& connection);

  explicit SqliteOffsetTable(SqliteConnection& connection);

  std::optional<std::int64_t> find(std::string_view group, const TopicPartition& partition);
  SqliteMoves move(std::string_view group, std::span<const OffsetRange> ranges);
  std::vector<std::string> groups();
  std::vector<StoredOffset> list(std::string_view group);
  void overwrite(std::string_view group, std::span<const StoredOffset> offsets);
  void erase(std::string_view group, std::span<const TopicPartition> partitions);

 private:
  SqliteStatement prepared(SqliteConnection& connection, std::string_view sql);
  bool update(std::string_view group, const OffsetRange& range);
  void insert(std::string_view group, const OffsetRange& range);
  void refuse_negative(std::string_view group, const TopicPartition& partition, std::int64_t offset) const;
  std::int64_t offset_of(sqlite3_stmt* row, int column, std::string_view group, const TopicPartition& partition) const;

  SqliteConnection& connection_;
  SqliteStatement find_;
  SqliteStatement update_;
  SqliteStatement insert_;
  SqliteStatement list_;
  SqliteStatement overwrite_;
  SqliteStatement erase_;
};

}  // namespace tidemark::detail
