#pragma once

#include <charconv>
#include <concepts>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include <tidemark/bytes.hpp>
#include <tidemark/export.hpp>
#include <tidemark/stores/postgres/value.hpp>

namespace tidemark {

/// Rows on their way into a table by COPY, the fastest way to append many. Made by PostgresTransaction::copy().
///
/// Until finish() the transaction takes no other call.
///
/// Thread safety: one thread at a time.
/// Blocking:      add() waits where the server reads slower than rows come, at most PostgresOffsetStoreOptions::timeout each time.
/// Lifetime:      must not outlive its transaction. Destroyed without finish(), it finishes, and an error of that is thrown by the
///                transaction's next call; destroyed by an exception that leaves the handler, it gives the rows up.
/// Errors:        StoreError.
class TIDEMARK_EXPORT PostgresCopy {
 public:
  class Sink;

  PostgresCopy(PostgresCopy&&) noexcept;
  PostgresCopy& operator=(PostgresCopy&&) = delete;
  ~PostgresCopy();

  /// One row: a cell for each column.
  ///
  /// Errors: StoreError, not retryable, for another number of cells, or a text with a NUL byte.
  template <class... Cells>
    requires(sizeof...(Cells) > 0 && (std::constructible_from<PostgresValue, const Cells&> && ...))
  void add(const Cells&... cells) {
    begin_row(sizeof...(Cells));
    (append(cells), ...);
    end_row();
  }

  /// Ends the COPY. Returns the number of rows.
  ///
  /// Errors: StoreError for rows that the table refuses; the transaction is lost then.
  std::int64_t finish();

 private:
  friend class PostgresTransaction;
  explicit PostgresCopy(std::unique_ptr<Sink> sink);

  template <class Cell>
  void append(const Cell& cell) {
    separate();
    if constexpr (std::integral<Cell> && !std::same_as<Cell, bool>) {
      char digits[24];
      const auto end = std::to_chars(digits, digits + sizeof digits, cell).ptr;
      buffer_.append(digits, end);
    } else if constexpr (std::same_as<Cell, Bytes>) {
      cell.is_null() ? append_null() : append_text(cell.text());
    } else if constexpr (std::convertible_to<const Cell&, std::string_view> &&
                         !std::convertible_to<const Cell&, const char*>) {
      append_text(cell);
    } else {
      append_value(PostgresValue{cell});
    }
  }
  void begin_row(std::size_t cells);
  void separate() {
    if (!is_first_) buffer_ += '\t';
    is_first_ = false;
  }
  void append_null() { buffer_ += "\\N"; }
  void append_text(std::string_view text);
  void append_value(const PostgresValue& value);
  void end_row();

  std::unique_ptr<Sink> sink_;
  std::string buffer_;
  bool is_first_ = true;
  int exceptions_;
};

}  // namespace tidemark
