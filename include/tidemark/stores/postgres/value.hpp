#pragma once

#include <charconv>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <optional>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include <tidemark/bytes.hpp>
#include <tidemark/export.hpp>

namespace tidemark {

/// A parameter of an SQL statement ($1, $2, …), or a cell of a row for COPY. Numbers, strings, nullptr, std::optional and ranges convert to
/// it implicitly; PostgreSQL infers its type from the statement.
///
/// A record's key or value (Bytes) is passed as text, and null as NULL; its bytes() are passed as bytea. A range becomes an array, for
/// `unnest($1::text[], $2::bigint[])`.
///
/// Errors: StoreError, not retryable, for a text with a NUL byte, which PostgreSQL can't hold: pass bytes() to a bytea column.
class TIDEMARK_EXPORT PostgresValue {
 public:
  PostgresValue(std::nullptr_t) {}
  PostgresValue(std::nullopt_t) {}

  PostgresValue(std::same_as<bool> auto flag) : text_{flag ? "t" : "f"} {}
  template <std::integral T>
    requires(!std::same_as<T, bool>)
  PostgresValue(T number) : text_{std::to_string(number)} {}
  template <std::floating_point T>
  PostgresValue(T number) : text_{text_of(static_cast<double>(number))} {}

  PostgresValue(std::string_view text) : text_{checked(text)} {}
  PostgresValue(const std::string& text) : PostgresValue{std::string_view{text}} {}
  PostgresValue(const char* text) : PostgresValue{text ? Bytes{text} : Bytes{}} {}
  PostgresValue(const Bytes& bytes) {
    if (!bytes.is_null()) text_ = checked(bytes.text());
  }
  PostgresValue(std::span<const std::byte> bytes)
      : text_{std::in_place, reinterpret_cast<const char*>(bytes.data()), bytes.size()}, is_bytes_{true} {}

  template <class T>
    requires std::constructible_from<PostgresValue, const T&>
  PostgresValue(const std::optional<T>& value)
      : PostgresValue{value ? PostgresValue{*value} : PostgresValue{nullptr}} {}

  template <std::ranges::input_range R>
    requires(!std::convertible_to<const R&, std::string_view> &&
             !std::convertible_to<const R&, std::span<const std::byte>> && !std::same_as<R, Bytes> &&
             std::constructible_from<PostgresValue, const std::ranges::range_value_t<R>&>)
  PostgresValue(const R& elements) : text_{"{"} {
    for (const std::ranges::range_value_t<R>& element : elements) append_element(PostgresValue{element});
    *text_ += '}';
  }

  bool is_null() const noexcept { return !text_; }
  /// Whether text() is the bytes of a bytea.
  bool is_bytes() const noexcept { return is_bytes_; }
  std::string_view text() const noexcept { return text_ ? std::string_view{*text_} : std::string_view{}; }
  /// The text, ending in a NUL byte; nullptr for NULL.
  const char* data() const noexcept { return text_ ? text_->c_str() : nullptr; }

 private:
  static std::string checked(std::string_view text);
  static std::string text_of(double number);
  void append_element(const PostgresValue& element);

  std::optional<std::string> text_{};
  bool is_bytes_ = false;
};

}  // namespace tidemark
