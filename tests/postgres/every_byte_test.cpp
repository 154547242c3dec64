#include "postgres/cut_consumer.hpp"

using namespace tidemark::test;

// A part of the bytes; postgres_extended cuts at each of them.
TEST_CASE("loads, commits and transactions that are cut take effect exactly once", "[postgres]") {
  CHECK(check_cuts({.closed = 7, .stalled = 31}) >= 300);
}
