#include "stores/kafka/names.hpp"

#include <string>

#include <tidemark/error.hpp>

#include "support/catch.hpp"

using namespace std::string_literals;
using namespace tidemark;
using namespace tidemark::kafka;

TEST_CASE("what Kafka allows as a topic name is taken", "[unit]") {
  for (const auto& name : {"a"s, "..."s, "a.b_c-9"s, "__internal"s, "-"s, std::string(249, 'x')})
    CHECK_NOTHROW(require_topic_name(name));
}

TEST_CASE("what Kafka does not allow as a topic name is refused before it is asked", "[unit]") {
  for (const auto& name : {""s, "."s, ".."s, "a b"s, "a/b"s, "a\0b"s, "caf\u00e9"s, "\xff\xfe"s, std::string(250, 'x')})
    CHECK_THROWS_AS(require_topic_name(name), StoreError);
}

TEST_CASE("a group may have any name in UTF-8", "[unit]") {
  for (const auto& name : {""s, "billing"s, "a/b c"s, "caf\u00e9"s, "\u4ed5\u5206"s, "\U0001F6EB"s,
                           "\u007f\u0080\u07ff\u0800\uffff"s, "\U00010000\U0010FFFF"s})
    CHECK(group_name(name) == name);
}

TEST_CASE("a group name that would arrive as another one is refused", "[unit]") {
  for (const auto& name : {"a\0b"s, "\xff"s, "\x80"s, "\xc3"s, "\xc3g"s, "\xc0\xaf"s, "\xe0\x80\xaf"s, "\xed\xa0\x80"s,
                           "\xe4\xbb"s, "\xf0\x80\x80\xaf"s, "\xf4\x90\x80\x80"s, "\xf5\x80\x80\x80"s})
    CHECK_THROWS_AS(group_name(name), StoreError);
}
