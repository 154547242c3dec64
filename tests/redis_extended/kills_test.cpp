#include "redis_kills/killed_pair.hpp"

TEST_CASE("totals in Redis are exact, though the server and the consumer are killed 200 times each", "[extended]") {
  tidemark::test::kill_both(200'000, 200);
}
