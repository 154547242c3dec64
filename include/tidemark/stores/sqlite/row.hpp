#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <tidemark/bytes.hpp>
#include <tidemark/export.hpp>

namespace tidemark {

/// One row that a query returned; it owns its values.
///
/// Lifetime: views that get() returns live as long as the row.
class TIDEMARK_EXPORT SqliteRow {
 public:
  struct Null {};
  struct Blob {
    std::string bytes;
  };
  using Cell = std::variant<Null, std::int64_t, double, std::string, Blob>;
  using Names = std::shared_ptr<const std::vector<std::string>>;

  SqliteRow(Names names, std::vector<Cell> cells) : names_{std::move(names)}, cells_{std::move(cells)} {}

  std::size_t size() const noexcept { return cells_.size(); }

  /// Counted from 0, as everywhere here.
  bool is_null(std::size_t column) const { return std::holds_alternative<Null>(cell(column)); }

  /// The value as an integer type, bool, a floating-point type, std::string, std::string_view, Bytes, or a std::optional of those.
  /// NULL needs Bytes or std::optional; strings also take blobs.
  ///
  /// Errors: StoreError when the row has no such column, or it holds something else: nothing is converted on the quiet.
  template <class T>
  T get(std::size_t column) const {
    return read(column, std::type_identity<T>{});
  }

 private:
  template <class T>
  std::optional<T> read(std::size_t column, std::type_identity<std::optional<T>>) const {
    if (is_null(column)) return std::nullopt;
    return get<T>(column);
  }
  template <std::integral T>
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
  std::string_view read(std::size_t column, std::type_identity<std::string_view>) const { return text(column); }
  std::string read(std::size_t column, std::type_identity<std::string>) const { return std::string{text(column)}; }
  Bytes read(std::size_t column, std::type_identity<Bytes>) const {
    return is_null(column) ? Bytes{} : Bytes{text(column)};
  }

  const Cell& cell(std::size_t column) const;
  std::int64_t integer(std::size_t column) const;
  double real(std::size_t column) const;
  std::string_view text(std::size_t column) const;
  [[noreturn]] void fail(std::size_t column, std::string_view wanted) const;

  Names names_;
  std::vector<Cell> cells_;
};

}  // namespace tidemark
