#include "stores/redis/key_pattern.hpp"

#include <tidemark/error.hpp>
#include <tidemark/stores/redis/options.hpp>

#include "stores/redis/slot.hpp"
#include "support/catch.hpp"

using namespace tidemark;
using detail::redis_slot;
using detail::RedisKeyPattern;

TEST_CASE("the default key is that of Spark jobs", "[unit]") {
  CHECK(RedisKeyPattern{redis_keys::spark, false}.key("orders", "billing") == "kafka:topic:orders:billing");
  CHECK(RedisKeyPattern{redis_keys::offset, false}.key("orders", "billing") == "offset:orders:billing");
  CHECK(RedisKeyPattern{"a{<group>}b<topic>c", true}.key("t", "g") == "a{g}btc");
}

TEST_CASE("a key leads back to its topic, for its group only", "[unit]") {
  const RedisKeyPattern pattern{redis_keys::spark, false};
  CHECK(pattern.topic_of("kafka:topic:orders:billing", "billing") == "orders");
  CHECK(pattern.topic_of("kafka:topic:c:a:b", "a:b") == "c");
  CHECK_FALSE(pattern.topic_of("kafka:topic:c:a:b", "b"));
  CHECK_FALSE(pattern.topic_of("kafka:topic::billing", "billing"));
  CHECK_FALSE(pattern.topic_of("kafka:topic:billing", "billing"));
  CHECK_FALSE(pattern.topic_of("other:orders:billing", "billing"));
  const RedisKeyPattern group_first{"<group>:<topic>", false};
  CHECK(group_first.topic_of("a:b:c", "a:b") == "c");
  CHECK_FALSE(group_first.topic_of("a:b:c", "a"));
}

TEST_CASE("a key leads back to its group, whatever the group's name is", "[unit]") {
  for (const auto* text : {"kafka:topic:<topic>:<group>", "<group>:<topic>", "o:{<topic>}:<group>",
                           "a-<topic>-:-<group>-b", "a-<group>-:-<topic>-b", "<topic>::<group>"}) {
    const RedisKeyPattern pattern{text, false};
    for (const auto* group : {"billing", "a:b", ":", "", "-:-", "x-:-y", "a*b", "{a}"})
      for (const auto* topic : {"orders", "-", "a-", "-b", "a.b"}) {
        CAPTURE(text, group, topic);
        CHECK(pattern.group_of(pattern.key(topic, group)) == group);
        CHECK_FALSE(pattern.group_of(pattern.notes_key(pattern.key(topic, group))));
      }
  }
  const RedisKeyPattern spark{redis_keys::spark, false};
  for (const auto* key : {"", "kafka:topic:", "kafka:topic:orders", "kafka:topic::billing", "other:orders:billing",
                          "kafka:topic:..:billing"}) {
    CAPTURE(key);
    CHECK_FALSE(spark.group_of(key));
  }
  CHECK(spark.glob() == "kafka:topic:*:*");
}

TEST_CASE("what SCAN would take for a wildcard is escaped in a group's name", "[unit]") {
  CHECK(RedisKeyPattern{redis_keys::spark, false}.glob("a*[b]?\\") == "kafka:topic:*:a\\*\\[b\\]\\?\\\\");
}

TEST_CASE("a pattern under which two pairs of names could have one key is refused", "[unit]") {
  for (const auto* pattern : {"", "kafka:<topic>", "<group>", "<topic><group>", "<topic>-<group>", "<group>.x_<topic>",
                              "<topic>:<group>:<topic>", "<Topic>:<group>"}) {
    CAPTURE(pattern);
    CHECK_THROWS_AS((RedisKeyPattern{pattern, false}), ConfigError);
  }
}

TEST_CASE("only names that Kafka allows are topics", "[unit]") {
  const RedisKeyPattern pattern{redis_keys::spark, false};
  CHECK(pattern.key(std::string(249, 'x'), "g").size() == 249 + 14);
  for (const auto& topic :
       {std::string{}, std::string{"a:b"}, std::string{"a b"}, std::string{"{a}"}, std::string{"\0", 1},
        std::string{"."}, std::string{".."}, std::string(250, 'x'), std::string{"é"}}) {
    CAPTURE(topic);
    CHECK_THROWS_AS(pattern.key(topic, "g"), StoreError);
  }
}

TEST_CASE("notes on failed commands are beside the offsets: same prefix, same slot, and never a key of offsets",
          "[unit]") {
  CHECK(RedisKeyPattern{redis_keys::spark, false}.notes_key("kafka:topic:t:g") == "kafka:topic:t:g#failed-commands");
  for (const auto* text : {"kafka:topic:<topic>:<group>", "kafka:topic:<topic>:{<group>}", "{x}:<topic>:<group>",
                           "o:{<topic>}:<group>", "offset:<group>:<topic>", "<topic>:{<group>", "<group>}:<topic>"})
    for (const auto* group : {"billing", "a}b", "{}", "a{b}c"}) {
      CAPTURE(text, group);
      const RedisKeyPattern pattern{text, true};
      const auto key = pattern.key("orders", group);
      const auto notes = pattern.notes_key(key);
      CHECK(redis_slot(notes) == redis_slot(key));
      CHECK(notes.starts_with(std::string_view{text}.substr(0, std::string_view{text}.find('<'))));
      CHECK_FALSE(pattern.topic_of(notes, group));
    }
  const RedisKeyPattern pattern{redis_keys::spark, false};
  CHECK_THROWS_AS(pattern.key("orders", "billing#failed-commands"), StoreError);
}

TEST_CASE("slots are those of the cluster specification", "[unit]") {
  CHECK(redis_slot("123456789") == 0x31C3);
  CHECK(redis_slot("foo") == 12182);
  CHECK(redis_slot("{user1000}.following") == redis_slot("{user1000}.followers"));
  CHECK(redis_slot("foo{}{bar}") != redis_slot("bar"));
  CHECK(redis_slot("foo{{bar}}zap") == redis_slot("{bar"));
  CHECK(redis_slot("foo{bar}{zap}") == redis_slot("bar"));
  CHECK(RedisKeyPattern{redis_keys::spark, false}.slot("foo") == 0);
  CHECK(RedisKeyPattern{redis_keys::spark, true}.slot("foo") == 12182);
}
