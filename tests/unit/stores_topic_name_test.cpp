#include "stores/common/topic_name.hpp"

#include <string>
#include <vector>

#include "support/catch.hpp"

using tidemark::stores::is_topic_name;

TEST_CASE("topics are named as Kafka allows", "[unit]") {
  for (const auto& name : std::vector<std::string>{"orders", "a.b_c-D9", "...", "-", std::string(249, 'x')}) {
    CAPTURE(name);
    CHECK(is_topic_name(name));
  }
  for (const auto& name : std::vector<std::string>{"", ".", "..", "a b", "a/b", "\xc3\xa9", std::string(250, 'x')}) {
    CAPTURE(name);
    CHECK_FALSE(is_topic_name(name));
  }
}
