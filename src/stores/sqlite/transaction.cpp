#include <tidemark/stores/sqlite/transaction.hpp>

#include <string>
#include <utility>

#include "stores/sqlite/failure.hpp"
#include "stores/sqlite/write_transaction.hpp"

namespace tidemark {

class SqliteTransaction::Impl {
 public:
  Impl(detail::SqliteDatabase& database, std::string_view group, std::span<const OffsetRange> ranges)
      : database_{database}, group_{group}, ranges_{ranges.begin(), ranges.end()} {}

  /// The transaction, begun if this is its first use.
  detail::SqliteWriteTransaction& open() {
    if (is_over_)
      throw StoreError{"the SQLite transaction is over: commit() was called; begin another one", StoreError::Retry::no};
    if (!transaction_) transaction_ = std::make_unique<detail::SqliteWriteTransaction>(database_);
    transaction_->require_open();
    return *transaction_;
  }

  std::optional<Conflict> commit() {
    open();
    is_over_ = true;
    const auto transaction = std::move(transaction_);  // whichever way out: rolled back, unless committed
    const auto moves = transaction->offsets().move(group_, ranges_);
    if (moves.conflict) return moves.conflict;
    if (moves.moved > 0 && moves.repeated) return moves.repeated;
    // Every range was applied before, and so were its results.
    if (!ranges_.empty() && moves.moved == 0) return std::nullopt;
    transaction->commit();
    return std::nullopt;
  }

 private:
  detail::SqliteDatabase& database_;
  std::string group_;
  std::vector<OffsetRange> ranges_;
  std::unique_ptr<detail::SqliteWriteTransaction> transaction_;
  bool is_over_ = false;
};

SqliteTransaction::SqliteTransaction(detail::SqliteDatabase& database, std::string_view group,
                                     std::span<const OffsetRange> ranges)
    : impl_{std::make_unique<Impl>(database, group, ranges)} {}

SqliteTransaction::SqliteTransaction(SqliteTransaction&&) noexcept = default;
SqliteTransaction& SqliteTransaction::operator=(SqliteTransaction&&) noexcept = default;
SqliteTransaction::~SqliteTransaction() = default;

std::int64_t SqliteTransaction::execute_with(std::string_view sql, std::span<const SqliteValue> values) {
  auto& transaction = impl_->open();
  const auto changed = transaction.connection().execute(sql, values);
  transaction.require_open();
  return changed;
}

std::vector<SqliteRow> SqliteTransaction::query_with(std::string_view sql, std::span<const SqliteValue> values) {
  auto& transaction = impl_->open();
  auto rows = transaction.connection().query(sql, values);
  transaction.require_open();
  return rows;
}

sqlite3* SqliteTransaction::database() { return impl_->open().connection().handle(); }

std::optional<Conflict> SqliteTransaction::commit() { return impl_->commit(); }

}  // namespace tidemark
