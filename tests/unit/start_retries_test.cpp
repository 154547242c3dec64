#include "core/start_retries.hpp"
#include "support/catch.hpp"

using namespace tidemark;
using namespace tidemark::core;
using namespace std::chrono_literals;

namespace {

const StartRetries::TimePoint now{};
const StartRetries::Question a{1, {"orders", 0}};
const StartRetries::Question b{1, {"orders", 1}};

using Questions = std::vector<StartRetries::Question>;

}  // namespace

TEST_CASE("an open start is asked for again after pauses that grow up to a limit", "[unit]") {
  StartRetries retries;
  CHECK_FALSE(retries.due());
  auto expected = StartRetries::first_pause;
  for (int i = 0; i < 10; ++i) {
    CHECK(retries.on_open(a, now) == expected);
    CHECK(retries.due() == now + expected);
    CHECK(retries.take_due(now + expected - 1ns).empty());
    CHECK(retries.take_due(now + expected) == Questions{a});
    CHECK_FALSE(retries.due());
    expected = std::min(expected * 2, StartRetries::longest_pause);
  }
  CHECK(expected == StartRetries::longest_pause);
}

TEST_CASE("each partition has its own pause", "[unit]") {
  StartRetries retries;
  retries.on_open(a, now);
  CHECK(retries.take_due(now + 1s) == Questions{a});
  retries.on_open(a, now + 1s);
  retries.on_open(b, now + 1s);
  CHECK(retries.take_due(now + 1s + StartRetries::first_pause) == Questions{b});
  CHECK(retries.due() == now + 1s + 2 * StartRetries::first_pause);
}

TEST_CASE("what was answered is not asked again, and begins with a short pause the next time", "[unit]") {
  StartRetries retries;
  retries.on_open(a, now);
  retries.on_open(a, now);
  retries.on_closed(a);
  CHECK_FALSE(retries.due());
  CHECK(retries.on_open(a, now) == StartRetries::first_pause);
}
