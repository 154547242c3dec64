#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tidemark/offset_catalog.hpp>
#include <tidemark/offset_range.hpp>

#include "stores/postgres/connection.hpp"
#include "stores/postgres/offset_sql.hpp"

namespace tidemark::detail {

/// The table of offsets, whichever connection it is seen through.
///
/// Thread safety: shared objects safe, with a connection each.
/// Errors:        StoreError; also for a row that holds no offset, and for names that PostgreSQL can't hold.
class PostgresOffsetTable {
 public:
  explicit PostgresOffsetTable(const PostgresOffsetStoreOptions& options) : options_{options}, sql_{options.table} {}

  /// Looks once whether the table is there and has the columns and the key, and creates it where it may.
  void require_table(PostgresConnection& connection, const PostgresWait& wait);

  std::vector<std::optional<std::int64_t>> load(PostgresConnection& connection, std::string_view group,
                                                std::span<const TopicPartition> partitions, const PostgresWait& wait);

  /// Refuses ranges that can't be stored.
  void check(const PostgresTarget& target, std::string_view group, std::span<const OffsetRange> ranges);
  /// Queues the comparing statement. It fails with 22012 where a partition stands elsewhere, and with 22P02 where `token` is not that of the
  /// transaction; an empty one fits always.
  void send_commit(PostgresConnection& connection, std::string_view group, std::span<const OffsetRange> ranges,
                   std::string_view token, const PostgresWait& wait);

  std::vector<std::string> groups(PostgresConnection& connection, const PostgresWait& wait);
  std::vector<StoredOffset> list(PostgresConnection& connection, std::string_view group, const PostgresWait& wait);
  void overwrite(PostgresConnection& connection, std::string_view group, std::span<const StoredOffset> offsets,
                 const PostgresWait& wait);
  void erase(PostgresConnection& connection, std::string_view group, std::span<const TopicPartition> partitions,
             const PostgresWait& wait);

  const PostgresOffsetSql& sql() const { return sql_; }
  /// What a failed statement on the table means.
  StoreError failure(const PostgresTarget& target, std::string_view what, const PostgresReply& reply) const;

 private:
  void create(PostgresConnection& connection, const PostgresWait& wait);
  void check_shape(PostgresConnection& connection, const PostgresWait& wait);
  void check_group(const PostgresTarget& target, std::string_view group);
  PostgresReply run(PostgresConnection& connection, std::string_view what, const std::string& sql,
                    std::vector<PostgresValue> values, std::string_view group, const PostgresWait& wait);
  std::int64_t offset_in(const PostgresTarget& target, const PostgresReply& reply, int row, int column,
                         std::string_view group, const TopicPartition& partition) const;

  const PostgresOffsetStoreOptions& options_;
  PostgresOffsetSql sql_;
  std::atomic<bool> is_there_ = false;
  std::mutex mutex_;
  std::optional<std::string> only_group_;  ///< Of a table without a column for it: the first that was asked for.
};

}  // namespace tidemark::detail
