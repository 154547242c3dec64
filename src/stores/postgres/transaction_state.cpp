#include "stores/postgres/transaction_state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <random>
#include <utility>

namespace tidemark::detail {

namespace {

constexpr std::size_t most_queued = 500;  // answers of more than that would fill the memory

}  // namespace

PostgresConnection& PostgresTransactionState::open() {
  if (is_over_)
    throw StoreError{"the PostgreSQL transaction is over: commit() was called; begin another one",
                     StoreError::Retry::no};
  if (is_copying_)
    throw StoreError{"the transaction is in a COPY: call finish() on what copy() returned first",
                     StoreError::Retry::no};
  if (!lease_) begin();
  return **lease_;
}

void PostgresTransactionState::begin() {
  const auto wait = database_.wait();
  lease_.emplace(database_.lease(wait));
  auto& connection = **lease_;
  token_ = fmt::format("{:08x}{:08x}", std::random_device{}(), std::random_device{}());
  connection.send("begin", {}, wait);
  if (database_.options().prepared_statements == PostgresPreparedStatements::never) {
    const auto& options = database_.options();
    const std::array values{PostgresValue{token_}, PostgresValue{std::to_string(int_ms(options.timeout))},
                            PostgresValue{std::to_string(int_ms(options.idle_in_transaction_timeout))}};
    connection.send(
        "select set_config('tidemark.transaction', $1::text, true), set_config('statement_timeout', $2::text, true), "
        "set_config('idle_in_transaction_session_timeout', $3::text, true)",
        values, wait);
  } else {
    const std::array values{PostgresValue{token_}};
    connection.send("select set_config('tidemark.transaction', $1::text, true)", values, wait);
  }
}

void PostgresTransactionState::send(std::string_view sql, std::span<const PostgresValue> values) {
  if (const auto why = why_refused(sql); !why.empty())
    throw postgres_error(database_.target(), fmt::format("refused \"{}\": {}", sql.substr(0, 100), why),
                         StoreError::Retry::no);
  auto& connection = open();
  connection.send(sql, values, database_.wait());
  if (connection.queued() >= most_queued) collect();
}

PostgresReply PostgresTransactionState::collect() {
  auto& connection = open();
  auto replies = connection.collect(database_.wait());
  throw_first_error(replies);
  return replies.empty() ? PostgresReply{} : std::move(replies.back());
}

void PostgresTransactionState::throw_first_error(const std::vector<PostgresReply>& replies) {
  const auto found = std::ranges::find_if(replies, &PostgresReply::is_error);
  if (found == replies.end()) return;
  const auto report = postgres_report(found->result.get());
  if (ends_connection(report)) (*lease_)->give_up();
  auto error =
      postgres_failure(database_.target(), "a statement of the handler's transaction failed", report, found->sql);
  if (!failed_) failed_ = error;
  throw error;
}

void PostgresTransactionState::begin_copy(std::string_view sql) {
  auto& connection = open();
  collect();
  const auto reply = connection.copy_begin(sql, database_.wait());
  throw_first_error({reply});
  is_copying_ = true;
}

bool PostgresTransactionState::copy_data(std::string_view data) { return (*lease_)->copy_data(data, database_.wait()); }

std::int64_t PostgresTransactionState::finish_copy() {
  is_copying_ = false;
  const auto reply = (*lease_)->copy_end(nullptr, database_.wait());
  throw_first_error({reply});
  return reply.changed_rows();
}

void PostgresTransactionState::abandon_copy() noexcept {
  is_copying_ = false;
  if (lease_) (*lease_)->give_up();  // the server rolls back when the session ends
}

void PostgresTransactionState::fail_later(const StoreError& error) {
  is_copying_ = false;
  if (!failed_) failed_ = error;
}

void PostgresTransactionState::begin_savepoint() {
  open().send(fmt::format("savepoint tidemark_{}", savepoints_ + 1), {}, database_.wait());
  collect();
  ++savepoints_;
}

void PostgresTransactionState::roll_back_to_savepoint() noexcept {
  const auto number = savepoints_--;
  try {
    if (is_copying_ || is_over_) return;
    auto& connection = open();
    const auto wait = database_.wait();
    for (const auto& reply : connection.collect(wait))  // what was queued; its errors are undone with the rest
      static_cast<void>(reply);
    connection.send(fmt::format("rollback to savepoint tidemark_{}", number), {}, wait);
    connection.send(fmt::format("release savepoint tidemark_{}", number), {}, wait);
    const auto replies = connection.collect(wait);
    if (std::ranges::none_of(replies, &PostgresReply::is_error)) failed_.reset();
  } catch (...) {
    if (lease_) (*lease_)->give_up();  // commit() finds that
  }
}

void PostgresTransactionState::release_savepoint() {
  const auto number = savepoints_--;
  open().send(fmt::format("release savepoint tidemark_{}", number), {}, database_.wait());
  collect();
}

pg_conn* PostgresTransactionState::lend() {
  auto& connection = open();
  collect();
  return connection.lend(database_.wait());
}

}  // namespace tidemark::detail
