#include <tidemark/stores/postgres/transaction.hpp>

#include <fmt/format.h>

#include <algorithm>

#include "stores/postgres/copy_sink.hpp"
#include "stores/postgres/transaction_state.hpp"

namespace tidemark {

PostgresTransaction::PostgresTransaction(detail::PostgresDatabase& database, std::string_view group,
                                         std::span<const OffsetRange> ranges)
    : state_{std::make_unique<detail::PostgresTransactionState>(database, group, ranges)} {}

PostgresTransaction::PostgresTransaction(PostgresTransaction&&) noexcept = default;
PostgresTransaction& PostgresTransaction::operator=(PostgresTransaction&&) noexcept = default;
PostgresTransaction::~PostgresTransaction() = default;

std::int64_t PostgresTransaction::execute_with(std::string_view sql, std::span<const PostgresValue> values) {
  state_->send(sql, values);
  return state_->collect().changed_rows();
}

std::vector<PostgresRow> PostgresTransaction::query_with(std::string_view sql, std::span<const PostgresValue> values) {
  state_->send(sql, values);
  return detail::rows_of(state_->collect());
}

void PostgresTransaction::send_with(std::string_view sql, std::span<const PostgresValue> values) {
  state_->send(sql, values);
}

PostgresCopy PostgresTransaction::copy(std::string_view table, std::span<const std::string_view> columns) {
  if (columns.empty())
    throw StoreError{"PostgresTransaction::copy() needs the names of the columns", StoreError::Retry::no};
  std::string names;
  for (const auto& column : columns) names += (names.empty() ? "" : ", ") + detail::postgres_identifier(column);
  const auto dot = table.find('.');
  const auto name = dot == std::string_view::npos ? detail::postgres_identifier(table)
                                                  : detail::postgres_identifier(table.substr(0, dot)) + "." +
                                                        detail::postgres_identifier(table.substr(dot + 1));
  state_->begin_copy(fmt::format("copy {} ({}) from stdin", name, names));
  return PostgresCopy{std::make_unique<PostgresCopy::Sink>(*state_, columns.size())};
}

void PostgresTransaction::begin_savepoint() { state_->begin_savepoint(); }
void PostgresTransaction::roll_back_to_savepoint() noexcept { state_->roll_back_to_savepoint(); }
void PostgresTransaction::release_savepoint() { state_->release_savepoint(); }

pg_conn* PostgresTransaction::connection() { return state_->lend(); }

std::optional<Conflict> PostgresTransaction::commit() { return state_->commit(); }

}  // namespace tidemark
