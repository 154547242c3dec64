#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stores/postgres/database.hpp"

namespace tidemark::detail {

/// A transaction of a handler, from its first statement to its end.
class PostgresTransactionState {
 public:
  PostgresTransactionState(PostgresDatabase& database, std::string_view group, std::span<const OffsetRange> ranges)
      : database_{database}, group_{group}, ranges_{ranges.begin(), ranges.end()} {}
  ~PostgresTransactionState() { roll_back(); }
  PostgresTransactionState(const PostgresTransactionState&) = delete;
  PostgresTransactionState& operator=(const PostgresTransactionState&) = delete;

  void send(std::string_view sql, std::span<const PostgresValue> values);
  /// The answer to the statement sent last.
  PostgresReply collect();

  void begin_copy(std::string_view sql);
  bool copy_data(std::string_view data);
  std::int64_t finish_copy();
  void abandon_copy() noexcept;
  /// For a copy that nobody finished: the next call throws.
  void fail_later(const StoreError& error);

  void begin_savepoint();
  void roll_back_to_savepoint() noexcept;
  void release_savepoint();

  pg_conn* lend();
  std::optional<Conflict> commit();

 private:
  /// The connection, with the transaction begun or about to be.
  PostgresConnection& open();
  void begin();
  void require_open(PostgresConnection& connection) const;
  void throw_first_error(const std::vector<PostgresReply>& replies);
  std::optional<Conflict> commit_offsets_only();
  std::optional<Conflict> commit_all(PostgresConnection& connection);
  /// What a comparison that failed means.
  std::optional<Conflict> judge(PostgresConnection& connection, const PostgresWait& wait);
  std::vector<std::optional<std::int64_t>> load(PostgresConnection& connection, const PostgresWait& wait);
  bool moves_nothing() const;
  StoreError ended_by_handler() const;
  void roll_back() noexcept;

  PostgresDatabase& database_;
  std::string group_;
  std::vector<OffsetRange> ranges_;
  std::optional<PostgresLease> lease_;
  std::string token_;
  std::optional<StoreError> failed_;  ///< The first error; what follows it is lost.
  int savepoints_ = 0;
  bool is_copying_ = false;
  bool is_over_ = false;
};

/// Why a statement must not go through a transaction's execute(); empty where it may.
std::string_view why_refused(std::string_view sql);

}  // namespace tidemark::detail
