#pragma once

#include <array>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>

#include <tidemark/bytes.hpp>
#include <tidemark/error.hpp>

namespace tidemark {

/// An argument of a Redis command. Strings keep every byte; numbers become decimal text.
///
/// Lifetime: a view; the string that it points to must outlive it.
/// Errors:   StoreError for a null key or value of a record: Redis has no null.
class RedisArgument {
 public:
  RedisArgument(std::string_view text) : text_{text} {}
  RedisArgument(const std::string& text) : text_{text} {}
  RedisArgument(const char* text) : text_{text} {}
  RedisArgument(const Bytes& bytes) : text_{bytes.text()} {
    if (bytes.is_null())
      throw StoreError{"cannot pass null to a Redis command: decide what a record without key or value stands for",
                       StoreError::Retry::no};
  }
  template <class T>
    requires(std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char>) || std::floating_point<T>
  RedisArgument(T number) {
    const auto end = std::to_chars(digits_.data(), digits_.data() + digits_.size(), number).ptr;
    size_ = static_cast<std::size_t>(end - digits_.data());
  }

  std::string_view text() const noexcept { return size_ > 0 ? std::string_view{digits_.data(), size_} : text_; }

 private:
  std::string_view text_;
  std::array<char, 40> digits_;
  std::size_t size_ = 0;
};

}  // namespace tidemark
