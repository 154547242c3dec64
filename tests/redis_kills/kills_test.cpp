#include "redis_kills/killed_pair.hpp"

TEST_CASE("totals in Redis are exact, though the server and the consumer are killed 20 times each", "[redis-kills]") {
  tidemark::test::kill_both(40'000, 20);
}
