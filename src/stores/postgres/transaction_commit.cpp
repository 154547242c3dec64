#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "stores/postgres/settlement.hpp"
#include "stores/postgres/transaction_state.hpp"

namespace tidemark::detail {

namespace {

constexpr std::chrono::milliseconds rollback_limit{2'000};

}  // namespace

std::optional<Conflict> PostgresTransactionState::commit() {
  if (is_over_) open();  // says so
  if (is_copying_)
    throw StoreError{"the transaction is in a COPY: call finish() on what copy() returned before the handler returns",
                     StoreError::Retry::no};
  is_over_ = true;
  struct End {
    PostgresTransactionState& state;
    ~End() { state.roll_back(); }
  } end{*this};
  return lease_ ? commit_all(**lease_) : commit_offsets_only();
}

/// For a handler that has written nothing: one statement, which is a transaction of its own.
std::optional<Conflict> PostgresTransactionState::commit_offsets_only() {
  if (ranges_.empty()) return std::nullopt;
  const auto wait = database_.wait();
  auto& offsets = database_.offsets();
  offsets.check(database_.target(), group_, ranges_);
  lease_.emplace(database_.lease(wait));
  auto& connection = **lease_;
  offsets.send_commit(connection, group_, ranges_, {}, wait);
  const auto replies = connection.collect(wait);
  if (replies.front().is_error()) {
    if (is_comparison_failure(replies.front())) return judge(connection, wait);
    throw offsets.failure(database_.target(), "cannot commit", replies.front());
  }
  refuse_standby_warning(connection);
  return std::nullopt;
}

std::optional<Conflict> PostgresTransactionState::commit_all(PostgresConnection& connection) {
  require_open(connection);
  const auto wait = database_.wait();
  auto& offsets = database_.offsets();
  offsets.check(database_.target(), group_, ranges_);
  if (moves_nothing()) {
    throw_first_error(connection.collect(wait));
    if (all_done(ranges_, load(connection, wait))) return std::nullopt;
  }
  // One round trip, and COMMIT is not run where the comparison, or anything before it, fails.
  if (!ranges_.empty()) offsets.send_commit(connection, group_, ranges_, token_, wait);
  connection.send("commit", {}, wait);
  const auto replies = connection.collect(wait);
  if (!ranges_.empty()) {
    const auto& compared = replies[replies.size() - 2];
    if (compared.is_error()) {
      const auto state = postgres_report(compared.result.get()).sqlstate;
      if (state == sqlstate::invalid_text_representation) throw ended_by_handler();
      if (!is_comparison_failure(compared)) throw offsets.failure(database_.target(), "cannot commit", compared);
      const auto undone = connection.run("rollback", {}, wait);
      if (undone.is_error()) throw offsets.failure(database_.target(), "cannot roll back", undone);
      return judge(connection, wait);
    }
  }
  throw_first_error(replies);
  // A COMMIT of a transaction that is lost answers ROLLBACK, as a success; one outside of any transaction, COMMIT with a warning.
  if (replies.back().command_tag() != "COMMIT") throw ended_by_handler();
  refuse_standby_warning(connection);
  return std::nullopt;
}

std::optional<Conflict> PostgresTransactionState::judge(PostgresConnection& connection, const PostgresWait& wait) {
  const auto stored = load(connection, wait);
  if (all_done(ranges_, stored)) return std::nullopt;  // applied before, with its results
  if (auto conflict = conflict_in(ranges_, stored)) return conflict;
  if (auto repeated = repeated_in(ranges_, stored)) return repeated;
  throw postgres_error(
      database_.target(),
      "the offsets were moved by somebody else, and back, while they were compared; nothing was applied",
      StoreError::Retry::yes);
}

std::vector<std::optional<std::int64_t>> PostgresTransactionState::load(PostgresConnection& connection,
                                                                        const PostgresWait& wait) {
  std::vector<TopicPartition> partitions;
  for (const auto& range : ranges_) partitions.push_back(range.partition);
  return database_.offsets().load(connection, group_, partitions, wait);
}

bool PostgresTransactionState::moves_nothing() const {
  return !ranges_.empty() && std::ranges::all_of(ranges_, [](const auto& range) { return range.from == range.until; });
}

StoreError PostgresTransactionState::ended_by_handler() const {
  return postgres_error(
      database_.target(),
      "the transaction that the handler was given had ended before its commit(), by a COMMIT or ROLLBACK on "
      "transaction.connection(), or by an error there; the offsets were not moved. Results and offsets are "
      "committed together, by the consumer after the handler has returned",
      StoreError::Retry::no);
}

void PostgresTransactionState::require_open(PostgresConnection& connection) const {
  if (failed_)
    throw StoreError{
        fmt::format("the transaction can't be committed, since the handler went on after an error that had ended "
                    "it; nothing was applied. Let the exception leave the handler, or run what may fail inside of "
                    "transaction.savepoint(). The error was: {}",
                    failed_->what()),
        failed_->is_retryable() ? StoreError::Retry::yes : StoreError::Retry::no};
  if (connection.is_broken())
    throw postgres_error(database_.target(), "the connection was lost before commit(); nothing was applied",
                         StoreError::Retry::yes);
  connection.take_back();
  if (connection.queued() > 0) return;
  if (connection.is_in_failed_transaction())
    throw postgres_error(
        database_.target(),
        "the transaction can't be committed: a statement on transaction.connection() failed and the handler "
        "went on; nothing was applied",
        StoreError::Retry::no);
  if (!connection.is_in_transaction()) throw ended_by_handler();
}

void PostgresTransactionState::roll_back() noexcept {
  if (!lease_) return;
  auto& connection = **lease_;
  try {
    if (!connection.is_broken() && connection.queued() == 0 && !is_copying_ && connection.is_in_transaction()) {
      const auto limit = std::min(rollback_limit, database_.options().timeout);
      static_cast<void>(connection.run("rollback", {}, PostgresWait{stores::Deadline{limit}, {}}));
    }
  } catch (...) {
    connection.give_up();  // the server rolls back when the session ends
  }
  lease_.reset();
}

}  // namespace tidemark::detail
