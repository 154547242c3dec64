#pragma once

#include <compare>
#include <cstddef>
#include <ostream>
#include <span>
#include <string_view>

namespace tidemark {

/// A view of a record's key, value or header value. Kafka tells null (no value: a tombstone) from empty, and so does this.
///
/// Lifetime: what it points to lives as long as the batch it came from.
class Bytes {
 public:
  constexpr Bytes() = default;  ///< Null.
  constexpr Bytes(std::string_view text) : data_{text.data() ? text.data() : ""}, size_{text.size()} {}
  constexpr Bytes(const char* text) : Bytes{std::string_view{text}} {}
  /// `data` == nullptr makes null.
  constexpr Bytes(const char* data, std::size_t size) : data_{data}, size_{data ? size : 0} {}

  constexpr bool is_null() const noexcept { return data_ == nullptr; }
  constexpr bool empty() const noexcept { return size_ == 0; }
  constexpr std::size_t size() const noexcept { return size_; }
  constexpr const char* data() const noexcept { return data_; }

  /// Null becomes an empty view.
  constexpr std::string_view text() const noexcept { return {data_ ? data_ : "", size_}; }
  constexpr operator std::string_view() const noexcept { return text(); }
  std::span<const std::byte> bytes() const noexcept { return std::as_bytes(std::span{data_, size_}); }

  /// Null equals only null.
  friend constexpr bool operator==(const Bytes& a, const Bytes& b) noexcept {
    return a.is_null() == b.is_null() && a.text() == b.text();
  }
  friend std::ostream& operator<<(std::ostream& out, const Bytes& bytes) {
    return bytes.is_null() ? out << "(null)" : out << bytes.text();
  }

 private:
  const char* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace tidemark
