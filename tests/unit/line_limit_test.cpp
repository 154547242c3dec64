#include "lines/line_limit.hpp"

#include "support/catch.hpp"

using namespace std::chrono_literals;
using tidemark::lines::LineLimit;

TEST_CASE("lines above the limit are left out and counted, once their time is over", "[unit]") {
  LineLimit limit;
  auto now = LineLimit::TimePoint{} + 1h;
  CHECK(limit.admit(now, 2, 10s));
  CHECK(limit.admit(now + 1s, 2, 10s));
  CHECK_FALSE(limit.admit(now + 2s, 2, 10s));
  CHECK_FALSE(limit.admit(now + 9s, 2, 10s));
  CHECK(limit.take_left_out(now + 9s, 10s) == 0);
  now += 10s;
  CHECK(limit.take_left_out(now, 10s) == 2);
  CHECK(limit.take_left_out(now, 10s) == 0);
  CHECK(limit.admit(now, 2, 10s));
}

TEST_CASE("a limit of no lines lets none through", "[unit]") {
  LineLimit limit;
  const auto now = LineLimit::TimePoint{} + 1h;
  CHECK_FALSE(limit.admit(now, 0, 10s));
  CHECK(limit.take_left_out(now + 10s, 10s) == 1);
}
