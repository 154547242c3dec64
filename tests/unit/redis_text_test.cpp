#include "stores/redis/text.hpp"

#include <tidemark/stores/redis/argument.hpp>
#include <tidemark/stores/redis/durability.hpp>

#include <limits>

#include "support/catch.hpp"

using namespace tidemark;
using detail::redis_offset;
using detail::redis_partition;

TEST_CASE("an offset is what Redis itself would print of a number from 0 to 2^63-1", "[unit]") {
  CHECK(redis_offset("0") == 0);
  CHECK(redis_offset("514") == 514);
  CHECK(redis_offset("9223372036854775807") == std::numeric_limits<std::int64_t>::max());
  for (const auto* text : {"", "-1", "-0", "+5", " 5", "5 ", "05", "00", "1e3", "0x1", "1.0", "9223372036854775808",
                           "99999999999999999999", "abc", "12abc", "\n"}) {
    CAPTURE(text);
    CHECK_FALSE(redis_offset(text));
  }
  CHECK_FALSE(redis_offset(std::string_view{"1\0", 2}));
  CHECK(redis_partition("2147483647") == std::numeric_limits<std::int32_t>::max());
  CHECK_FALSE(redis_partition("2147483648"));
}

TEST_CASE("names from outside are quoted, escaped and shortened", "[unit]") {
  CHECK(detail::redis_quoted(std::string_view{"a\0\n\x7f", 4}) == "\"a\\x00\\x0a\\x7f\"");
  CHECK(detail::redis_quoted(std::string(10'000, 'x')).size() < 400);
  CHECK(detail::redis_text({"::1", 6379}) == "[::1]:6379");
}

TEST_CASE("arguments of commands are text, numbers included", "[unit]") {
  CHECK(RedisArgument{"a"}.text() == "a");
  CHECK(RedisArgument{-5}.text() == "-5");
  CHECK(RedisArgument{std::numeric_limits<std::uint64_t>::max()}.text() == "18446744073709551615");
  CHECK(RedisArgument{0.1}.text() == "0.1");
  CHECK(RedisArgument{Bytes{"k"}}.text() == "k");
  CHECK(RedisArgument{Bytes{""}}.text().empty());
  CHECK_THROWS_AS(RedisArgument{Bytes{}}, StoreError);
  const RedisArgument copied = RedisArgument{12345};
  CHECK(RedisArgument{copied}.text() == "12345");
}

TEST_CASE("only a server that syncs each command and evicts nothing is durable", "[unit]") {
  CHECK(RedisDurability{"yes", "always", "noeviction"}.is_durable());
  CHECK(RedisDurability{"yes", "always", "volatile-lru"}.is_durable());
  CHECK_FALSE(RedisDurability{"yes", "always", "allkeys-lru"}.is_durable());
  CHECK_FALSE(RedisDurability{"yes", "everysec", "noeviction"}.is_durable());
  CHECK_FALSE(RedisDurability{"no", "always", "noeviction"}.is_durable());
  CHECK_FALSE(RedisDurability{}.is_durable());
  CHECK_THAT((RedisDurability{"yes", "everysec", "allkeys-lru"}.text()),
             test::containing("appendfsync always") && test::containing("noeviction"));
  CHECK_THAT(RedisDurability{}.text(), test::containing("unknown"));
}
