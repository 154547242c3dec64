#include <tidemark/stores/sqlite/row.hpp>

#include <fmt/format.h>

#include <tidemark/error.hpp>

namespace tidemark {

namespace {

struct Describe {
  std::string operator()(SqliteRow::Null) const { return "NULL"; }
  std::string operator()(std::int64_t number) const { return fmt::format("the integer {}", number); }
  std::string operator()(double number) const { return fmt::format("the real number {}", number); }
  std::string operator()(const std::string& text) const { return fmt::format("a text of {} bytes", text.size()); }
  std::string operator()(const SqliteRow::Blob& blob) const {
    return fmt::format("a blob of {} bytes", blob.bytes.size());
  }
};

}  // namespace

const SqliteRow::Cell& SqliteRow::cell(std::size_t column) const {
  if (column >= cells_.size())
    throw StoreError{
        fmt::format("an SQL row has {} columns, counted from 0; there is no column {}", cells_.size(), column),
        StoreError::Retry::no};
  return cells_[column];
}

std::int64_t SqliteRow::integer(std::size_t column) const {
  if (const auto* number = std::get_if<std::int64_t>(&cell(column))) return *number;
  fail(column, "an integer");
}

double SqliteRow::real(std::size_t column) const {
  if (const auto* number = std::get_if<double>(&cell(column))) return *number;
  if (const auto* number = std::get_if<std::int64_t>(&cell(column))) return static_cast<double>(*number);
  fail(column, "a number");
}

std::string_view SqliteRow::text(std::size_t column) const {
  if (const auto* text = std::get_if<std::string>(&cell(column))) return *text;
  if (const auto* blob = std::get_if<Blob>(&cell(column))) return blob->bytes;
  fail(column, "text");
}

void SqliteRow::fail(std::size_t column, std::string_view wanted) const {
  throw StoreError{
      fmt::format("column {} ({}) of an SQL row holds {}, not {}; ask for another type, or cast it in the query",
                  column, names_->at(column), std::visit(Describe{}, cells_[column]), wanted),
      StoreError::Retry::no};
}

}  // namespace tidemark
