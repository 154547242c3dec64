#include "kafka/topic_pattern.hpp"

#include "support/catch.hpp"

using namespace tidemark::kafka;

TEST_CASE("a pattern that can't be compiled has a reason", "[unit]") {
  CHECK_FALSE(fault_of_pattern("^orders-[0-9]+$"));
  REQUIRE(fault_of_pattern("^orders("));
  CHECK_FALSE(fault_of_pattern("^orders(")->empty());
  CHECK(fault_of_pattern("^orders["));
}

TEST_CASE("patterns that are meant for beginnings of names are told from others", "[unit]") {
  CHECK(matches_beginnings("^orders"));
  CHECK(matches_beginnings("^orders-[12]"));
  CHECK_FALSE(matches_beginnings("^orders.*"));
  CHECK_FALSE(matches_beginnings("^orders-.+"));
  CHECK_FALSE(matches_beginnings("^orders-[12]$"));
  CHECK_FALSE(matches_beginnings("orders"));
}
