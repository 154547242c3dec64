#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include <tidemark/bytes.hpp>
#include <tidemark/export.hpp>

struct pg_result;

namespace tidemark {

/// One row that a query returned. It shares the result's memory with the other rows.
///
/// Lifetime: views that get() returns live as long as a row of the same result.
class TIDEMARK_EXPORT PostgresRow {
 public:
  PostgresRow(std::shared_ptr<pg_result> result, int row) : result_{std::move(result)}, row_{row} {}

  std::size_t size() const noexcept;

  /// Columns count from 0.
  bool is_null(std::size_t column) const;

  /// The value as an integer type, bool, a floating-point type, std::string, std::string_view, Bytes, or a std::optional of those.
  /// A type that holds no NULL refuses NULL, except Bytes. Text is PostgreSQL's own notation for types that have no counterpart.
  ///
  /// Errors: StoreError, not retryable, when the row has no such column or the value is not of the type.
  template <class T>
  T get(std::size_t column) const {
    return read(column, std::type_identity<T>{});
  }

  /// The bytes of a bytea.
  std::string bytes(std::size_t column) const;

 private:
  template <class T>
  std::optional<T> read(std::size_t column, std::type_identity<std::optional<T>>) const {
    if (is_null(column)) return std::nullopt;
    return get<T>(column);
  }
  template <std::integral T>
    requires(!std::same_as<T, bool>)
  T read(std::size_t column, std::type_identity<T>) const {
    const auto number = integer(column);
    const auto narrowed = static_cast<T>(number);
    if (static_cast<std::int64_t>(narrowed) != number || (std::is_unsigned_v<T> && number < 0))
      fail(column, "a smaller integer");
    return narrowed;
  }
  template <std::floating_point T>
  T read(std::size_t column, std::type_identity<T>) const {
    return static_cast<T>(real(column));
  }
  bool read(std::size_t column, std::type_identity<bool>) const;
  std::string_view read(std::size_t column, std::type_identity<std::string_view>) const { return text(column); }
  std::string read(std::size_t column, std::type_identity<std::string>) const { return std::string{text(column)}; }
  Bytes read(std::size_t column, std::type_identity<Bytes>) const {
    return is_null(column) ? Bytes{} : Bytes{text(column)};
  }

  void require(std::size_t column) const;
  std::int64_t integer(std::size_t column) const;
  double real(std::size_t column) const;
  std::string_view text(std::size_t column) const;
  [[noreturn]] void fail(std::size_t column, std::string_view wanted) const;

  std::shared_ptr<pg_result> result_;
  int row_;
};

}  // namespace tidemark
