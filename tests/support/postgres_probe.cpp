#include "support/postgres_probe.hpp"

#include <libpq-fe.h>

#include <stdexcept>

namespace tidemark::test {

void PostgresProbe::Close::operator()(pg_conn* connection) const { PQfinish(connection); }

PostgresProbe::PostgresProbe(const std::string& connection) : connection_{PQconnectdb(connection.c_str())} {
  if (PQstatus(connection_.get()) != CONNECTION_OK) throw std::runtime_error{PQerrorMessage(connection_.get())};
}

std::string PostgresProbe::operator()(const std::string& sql) {
  const std::unique_ptr<PGresult, decltype(&PQclear)> result{PQexec(connection_.get(), sql.c_str()), &PQclear};
  const auto status = PQresultStatus(result.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK && status != PGRES_EMPTY_QUERY)
    throw std::runtime_error{PQerrorMessage(connection_.get())};
  std::string text;
  for (int row = 0; row < PQntuples(result.get()); ++row) {
    if (row > 0) text += '\n';
    for (int column = 0; column < PQnfields(result.get()); ++column) {
      if (column > 0) text += '|';
      text += PQgetvalue(result.get(), row, column);
    }
  }
  return text;
}

}  // namespace tidemark::test
