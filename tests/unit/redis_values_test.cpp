#include <tidemark/stores/redis/argument.hpp>
#include <tidemark/stores/redis/durability.hpp>

#include <cstdint>
#include <limits>

#include "support/catch.hpp"

using namespace tidemark;

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
