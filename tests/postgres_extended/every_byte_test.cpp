#include "postgres/cut_consumer.hpp"

using namespace tidemark::test;

TEST_CASE("loads, commits and transactions that are cut at any byte take effect exactly once", "[postgres-extended]") {
  CHECK(check_cuts({}) >= 2'000);
}
