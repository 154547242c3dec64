#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tidemark/export.hpp>

namespace tidemark {

/// What Redis answered to a command.
///
/// Errors: the accessors throw StoreError, not retryable, when the answer is of another type; they say of which.
class TIDEMARK_EXPORT RedisReply {
 public:
  enum class Type { nil, integer, string, status, error, array };

  RedisReply() = default;
  explicit RedisReply(std::int64_t integer) : type_{Type::integer}, integer_{integer} {}
  RedisReply(Type type, std::string text) : type_{type}, text_{std::move(text)} {}
  explicit RedisReply(std::vector<RedisReply> elements) : type_{Type::array}, elements_{std::move(elements)} {}

  Type type() const noexcept { return type_; }
  bool is_nil() const noexcept { return type_ == Type::nil; }
  bool is_error() const noexcept { return type_ == Type::error; }

  /// Of an integer, or of a string that is one in decimal, such as HGET's answer after HINCRBY.
  std::int64_t integer() const;
  /// Of a string, a status or an error.
  std::string_view text() const;
  std::span<const RedisReply> elements() const;

  bool operator==(const RedisReply&) const = default;

 private:
  friend class RedisReplyBuilder;

  Type type_ = Type::nil;
  std::int64_t integer_ = 0;
  std::string text_;
  std::vector<RedisReply> elements_;
};

}  // namespace tidemark
