#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include <tidemark/bytes.hpp>
#include <tidemark/error.hpp>

namespace tidemark {

/// A parameter of an SQL statement. Numbers, strings, nullptr and std::optional of them convert to it by themselves.
///
/// A record's key or value (Bytes) is bound as text, so that it equals what you compare it with in SQL, and null as NULL; its
/// bytes() are bound as a blob. Every byte is kept either way, NUL included. SQLite stores a NaN as NULL.
///
/// Lifetime: a view; what it points to must outlive it.
/// Errors:   StoreError for an unsigned number above 2^63 - 1, which SQLite can't hold.
class SqliteValue {
 public:
  struct Null {};
  struct Blob {
    std::span<const std::byte> bytes;
  };
  using Variant = std::variant<Null, std::int64_t, double, std::string_view, Blob>;

  SqliteValue(std::nullptr_t) {}
  SqliteValue(std::nullopt_t) {}

  template <std::integral T>
  SqliteValue(T number) : value_{static_cast<std::int64_t>(number)} {
    if constexpr (std::is_unsigned_v<T> && sizeof(T) == sizeof(std::int64_t)) {
      if (number > static_cast<T>(std::numeric_limits<std::int64_t>::max()))
        throw StoreError{"cannot bind " + std::to_string(number) +
                             " to an SQL parameter: SQLite's integers end at 9223372036854775807; bind it as text",
                         StoreError::Retry::no};
    }
  }
  template <std::floating_point T>
  SqliteValue(T number) : value_{static_cast<double>(number)} {}

  SqliteValue(std::string_view text) : value_{text} {}
  SqliteValue(const std::string& text) : value_{std::string_view{text}} {}
  SqliteValue(const char* text) : SqliteValue{text ? Bytes{text} : Bytes{}} {}
  SqliteValue(const Bytes& bytes) {
    if (!bytes.is_null()) value_ = bytes.text();
  }
  SqliteValue(std::span<const std::byte> bytes) : value_{Blob{bytes}} {}

  template <class T>
    requires std::constructible_from<SqliteValue, const T&>
  SqliteValue(const std::optional<T>& value) : SqliteValue{value ? SqliteValue{*value} : SqliteValue{nullptr}} {}

  const Variant& variant() const noexcept { return value_; }

 private:
  Variant value_;
};

}  // namespace tidemark
