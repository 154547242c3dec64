#include "core/backoff.hpp"

#include <limits>

#include "support/catch.hpp"

using namespace std::chrono_literals;
using tidemark::StoreRetry;
using tidemark::core::Backoff;

namespace {

const Backoff::TimePoint start{};
const StoreRetry retry{.first_delay = 50ms, .max_delay = 300ms, .give_up_after = 10s};

}  // namespace

TEST_CASE("the delay between tries doubles up to its limit", "[unit]") {
  Backoff backoff{retry};
  CHECK(backoff.next(start, 0) == 50ms);
  CHECK(backoff.next(start, 0) == 100ms);
  CHECK(backoff.next(start, 0) == 200ms);
  CHECK(backoff.next(start, 0) == 300ms);
  CHECK(backoff.next(start, 0) == 300ms);
}

TEST_CASE("chance takes up to a half off a delay and never more", "[unit]") {
  auto least = retry.first_delay;
  auto most = 0ms;
  for (std::uint32_t random = 0; random < 1'000; ++random) {
    Backoff backoff{retry};
    const auto delay = *backoff.next(start, random);
    least = std::min(least, delay);
    most = std::max(most, delay);
  }
  CHECK(least == 25ms);
  CHECK(most == 50ms);
  Backoff backoff{retry};
  const auto delay = *backoff.next(start, std::numeric_limits<std::uint32_t>::max());
  CHECK(delay >= 25ms);
  CHECK(delay <= 50ms);
}

TEST_CASE("the shortest delay is never shortened to none", "[unit]") {
  Backoff backoff{{.first_delay = 1ms, .max_delay = 1ms, .give_up_after = 10s}};
  for (std::uint32_t random = 0; random < 10; ++random) CHECK(backoff.next(start, random) == 1ms);
}

TEST_CASE("tries end when the time since the first failure is over, not before", "[unit]") {
  Backoff backoff{retry};
  REQUIRE(backoff.next(start, 0));
  CHECK(backoff.next(start + 10s - 1ns, 0));
  CHECK_FALSE(backoff.next(start + 10s, 0));
  CHECK_FALSE(backoff.next(start + 11s, 0));
}

TEST_CASE("without time to try again the first failure is the last", "[unit]") {
  Backoff backoff{{.first_delay = 1ms, .max_delay = 1ms, .give_up_after = 0ms}};
  CHECK_FALSE(backoff.next(start, 0));
}

TEST_CASE("a back-off for ever gives up never, and its delays neither shrink nor turn negative", "[unit]") {
  constexpr auto for_ever = std::chrono::milliseconds::max();
  Backoff patient{{.first_delay = 50ms, .max_delay = 300ms, .give_up_after = for_ever}};
  REQUIRE(patient.next(start + 1h, 0));
  CHECK(patient.next(start + 100'000h, 0) == 100ms);

  Backoff slow{{.first_delay = 50ms, .max_delay = for_ever, .give_up_after = for_ever}};
  auto last = 0ms;
  for (int i = 0; i < 100; ++i) {
    const auto delay = slow.next(start, 0);
    REQUIRE(delay);
    CHECK(*delay >= last);
    last = *delay;
  }
  CHECK(last == for_ever);
}
