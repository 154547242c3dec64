#include <tidemark/stores/postgres/row.hpp>

#include <fmt/format.h>
#include <libpq-fe.h>

#include <charconv>

#include <tidemark/error.hpp>

#include "stores/common/text.hpp"

namespace tidemark {

namespace {

template <class Number>
bool parse(std::string_view text, Number& number) {
  const auto* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  return error == std::errc{} && rest == end;
}

}  // namespace

std::size_t PostgresRow::size() const noexcept { return static_cast<std::size_t>(PQnfields(result_.get())); }

void PostgresRow::require(std::size_t column) const {
  if (column >= size())
    throw StoreError{fmt::format("an SQL row has {} columns, counted from 0; there is no column {}", size(), column),
                     StoreError::Retry::no};
}

bool PostgresRow::is_null(std::size_t column) const {
  require(column);
  return PQgetisnull(result_.get(), row_, static_cast<int>(column)) == 1;
}

std::string_view PostgresRow::text(std::size_t column) const {
  if (is_null(column)) fail(column, "a value");
  return {PQgetvalue(result_.get(), row_, static_cast<int>(column)),
          static_cast<std::size_t>(PQgetlength(result_.get(), row_, static_cast<int>(column)))};
}

std::int64_t PostgresRow::integer(std::size_t column) const {
  std::int64_t number = 0;
  if (!parse(text(column), number)) fail(column, "an integer");
  return number;
}

double PostgresRow::real(std::size_t column) const {
  double number = 0;
  if (!parse(text(column), number)) fail(column, "a number");
  return number;
}

bool PostgresRow::read(std::size_t column, std::type_identity<bool>) const {
  const auto value = text(column);
  if (value != "t" && value != "f") fail(column, "a boolean");
  return value == "t";
}

std::string PostgresRow::bytes(std::size_t column) const {
  const auto hex = text(column);
  std::size_t size = 0;
  const std::unique_ptr<unsigned char, decltype(&PQfreemem)> bytes{
      PQunescapeBytea(reinterpret_cast<const unsigned char*>(hex.data()), &size), &PQfreemem};
  if (!bytes) throw std::bad_alloc{};
  return {reinterpret_cast<const char*>(bytes.get()), size};
}

void PostgresRow::fail(std::size_t column, std::string_view wanted) const {
  const auto value = PQgetisnull(result_.get(), row_, static_cast<int>(column)) == 1
                         ? std::string{"NULL"}
                         : stores::quoted(PQgetvalue(result_.get(), row_, static_cast<int>(column)), 60);
  throw StoreError{
      fmt::format("column {} ({}) of an SQL row holds {}, not {}: ask for another type, or cast the column in "
                  "the query",
                  column, PQfname(result_.get(), static_cast<int>(column)), value, wanted),
      StoreError::Retry::no};
}

}  // namespace tidemark
