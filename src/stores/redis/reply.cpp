#include <tidemark/stores/redis/reply.hpp>

#include <fmt/format.h>

#include <charconv>
#include <optional>

#include <tidemark/error.hpp>

#include "stores/common/text.hpp"

namespace tidemark {

namespace {

std::string described(const RedisReply& reply) {
  switch (reply.type()) {
    case RedisReply::Type::nil:
      return "nil";
    case RedisReply::Type::integer:
      return fmt::format("the integer {}", reply.integer());
    case RedisReply::Type::array:
      return fmt::format("an array of {}", reply.elements().size());
    case RedisReply::Type::error:
      return "the error " + stores::quoted(reply.text());
    default:
      return stores::quoted(reply.text());
  }
}

[[noreturn]] void refuse(const RedisReply& reply, std::string_view wanted) {
  throw StoreError{fmt::format("Redis answered {} where {} was expected", described(reply), wanted),
                   StoreError::Retry::no};
}

std::optional<std::int64_t> number_in(std::string_view text) {
  std::int64_t number = 0;
  const auto* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || rest != end) return std::nullopt;
  return number;
}

}  // namespace

std::int64_t RedisReply::integer() const {
  if (type_ == Type::integer) return integer_;
  if (const auto number = type_ == Type::string ? number_in(text_) : std::nullopt) return *number;
  refuse(*this, "an integer");
}

std::string_view RedisReply::text() const {
  if (type_ == Type::string || type_ == Type::status || type_ == Type::error) return text_;
  refuse(*this, "a string");
}

std::span<const RedisReply> RedisReply::elements() const {
  if (type_ == Type::array) return elements_;
  refuse(*this, "an array");
}

}  // namespace tidemark
