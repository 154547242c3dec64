#include <tidemark/stores/sqlite/transaction.hpp>

#include <string>
#include <utility>

#include "stores/common/call_scope.hpp"
#include "stores/sqlite/failure.hpp"
#include "stores/sqlite/write_transaction.hpp"

namespace tidemark {

class SqliteTransaction::Impl {
 public:
  Impl(detail::SqliteDatabase& database, const GroupSession& session, std::span<const OffsetRange> ranges)
      : database_{database}, group_{session.group}, stop_{session.stop}, ranges_{ranges.begin(), ranges.end()} {}

  /// The deadline was that of begin(), and the handler has worked since.
  stores::CallScope call_scope() const { return {stores::CallScope::Clock::time_point::max(), stop_}; }

  /// The transaction, begun if this is its first use.
  detail::SqliteWriteTransaction& open() {
    if (is_over_)
      throw StoreError{"the SQLite transaction is over: commit() was called; begin another one", StoreError::Retry::no};
    if (!transaction_) transaction_ = std::make_unique<detail::SqliteWriteTransaction>(database_);
    transaction_->require_open();
    return *transaction_;
  }

  std::optional<Conflict> commit() {
    const auto scope = call_scope();
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
  std::stop_token stop_;
  std::vector<OffsetRange> ranges_;
  std::unique_ptr<detail::SqliteWriteTransaction> transaction_;
  bool is_over_ = false;
};

SqliteTransaction::SqliteTransaction(detail::SqliteDatabase& database, const GroupSession& session,
                                     std::span<const OffsetRange> ranges)
    : impl_{std::make_unique<Impl>(database, session, ranges)} {}

SqliteTransaction::SqliteTransaction(SqliteTransaction&&) noexcept = default;
SqliteTransaction& SqliteTransaction::operator=(SqliteTransaction&&) noexcept = default;
SqliteTransaction::~SqliteTransaction() = default;

std::int64_t SqliteTransaction::execute_with(std::string_view sql, std::span<const SqliteValue> values) {
  const auto scope = impl_->call_scope();
  auto& transaction = impl_->open();
  const auto changed = transaction.connection().execute(sql, values);
  transaction.require_open();
  return changed;
}

std::vector<SqliteRow> SqliteTransaction::query_with(std::string_view sql, std::span<const SqliteValue> values) {
  const auto scope = impl_->call_scope();
  auto& transaction = impl_->open();
  auto rows = transaction.connection().query(sql, values);
  transaction.require_open();
  return rows;
}

sqlite3* SqliteTransaction::database() {
  const auto scope = impl_->call_scope();
  return impl_->open().connection().handle();
}

std::optional<Conflict> SqliteTransaction::commit() { return impl_->commit(); }

}  // namespace tidemark
