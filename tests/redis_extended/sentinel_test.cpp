#include "redis/fail_over.hpp"

TEST_CASE("through 20 fail-overs results and offsets move as a pair, and what they lose is counted", "[extended]") {
  tidemark::test::RedisSentinels sentinels;
  tidemark::test::fail_over(sentinels, 20);
}
