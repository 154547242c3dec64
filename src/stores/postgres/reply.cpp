#include <libpq-fe.h>

#include <charconv>

#include "stores/postgres/connection.hpp"

namespace tidemark::detail {

bool PostgresReply::is_error() const {
  const auto status = PQresultStatus(result.get());
  return status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE;
}

bool PostgresReply::is_skipped() const { return PQresultStatus(result.get()) == PGRES_PIPELINE_ABORTED; }

std::string_view PostgresReply::command_tag() const { return PQcmdStatus(result.get()); }

std::int64_t PostgresReply::changed_rows() const {
  const std::string_view text = PQcmdTuples(result.get());
  std::int64_t rows = 0;
  std::from_chars(text.data(), text.data() + text.size(), rows);
  return rows;
}

int PostgresReply::rows() const { return PQntuples(result.get()); }

std::optional<std::string_view> PostgresReply::field(int row, int column) const {
  if (PQgetisnull(result.get(), row, column)) return std::nullopt;
  return std::string_view{PQgetvalue(result.get(), row, column),
                          static_cast<std::size_t>(PQgetlength(result.get(), row, column))};
}

std::vector<PostgresRow> rows_of(const PostgresReply& reply) {
  std::vector<PostgresRow> rows;
  rows.reserve(static_cast<std::size_t>(reply.rows()));
  for (int row = 0; row < reply.rows(); ++row) rows.emplace_back(reply.result, row);
  return rows;
}

}  // namespace tidemark::detail
