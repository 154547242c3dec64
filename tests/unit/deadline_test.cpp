#include <tidemark/detail/deadline.hpp>

#include <limits>

#include "support/catch.hpp"

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using tidemark::detail::int_ms;
using tidemark::detail::later;
using tidemark::detail::SteadyTime;

TEST_CASE("a delay that fits is added exactly", "[unit]") {
  const SteadyTime now{1h};
  CHECK(later(now, 0ms) == now);
  CHECK(later(now, 1ms) == now + 1ms);
  CHECK(later(now, -1ms) == now - 1ms);
  CHECK(later(now, 24h * 365 * 200) == now + 24h * 365 * 200);
}

TEST_CASE("a delay beyond what the clock can count ends at the clock's last time point", "[unit]") {
  for (const auto now : {SteadyTime{}, SteadyTime{1h}, SteadyTime{24h * 365 * 100}, SteadyTime::max()}) {
    CHECK(later(now, milliseconds::max()) == SteadyTime::max());
    CHECK(later(now, milliseconds::max() / 2) == SteadyTime::max());
    CHECK(later(now, 24h * 365 * 292 + 24h * 365) == SteadyTime::max());
  }
  CHECK(later(SteadyTime{-1h}, milliseconds::max()) > SteadyTime{24h * 365 * 290});
  CHECK(later(SteadyTime{-1h}, milliseconds::min()) == SteadyTime::min());
}

TEST_CASE("time-outs for librdkafka stay within an int and are never its \"without limit\"", "[unit]") {
  CHECK(int_ms(0ms) == 0);
  CHECK(int_ms(1'500ms) == 1'500);
  CHECK(int_ms(milliseconds{std::numeric_limits<int>::max()}) == std::numeric_limits<int>::max());
  CHECK(int_ms(milliseconds{std::numeric_limits<int>::max()} + 1ms) == std::numeric_limits<int>::max());
  CHECK(int_ms(milliseconds::max()) == std::numeric_limits<int>::max());
  CHECK(int_ms(-1ms) == 0);
  CHECK(int_ms(milliseconds::min()) == 0);
}
