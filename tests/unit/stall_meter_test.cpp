#include "core/stall_meter.hpp"

#include "support/catch.hpp"

using namespace std::chrono_literals;
using tidemark::core::StallMeter;

namespace {

const StallMeter::TimePoint start{1h};

}  // namespace

TEST_CASE("a wait is asked about once, when it is long", "[unit]") {
  StallMeter meter;
  CHECK_FALSE(meter.asks(start));
  meter.on_nothing(start);
  CHECK_FALSE(meter.asks(start + 19ms));
  CHECK(meter.is_undecided());
  meter.on_nothing(start + 20ms);
  CHECK(meter.asks(start + 20ms));
  meter.on_answer(false);
  CHECK_FALSE(meter.asks(start + 1h));
  CHECK_FALSE(meter.is_undecided());
}

TEST_CASE("a wait while there is more is a stall, from its beginning to its end", "[unit]") {
  StallMeter meter;
  meter.on_nothing(start);
  meter.on_nothing(start + 20ms);
  meter.on_answer(true);
  CHECK(meter.end(start + 300ms) == 300ms);
  CHECK_FALSE(meter.end(start + 400ms));
}

TEST_CASE("a wait while there is nothing, or a short one, is no stall", "[unit]") {
  StallMeter meter;
  meter.on_nothing(start);
  CHECK_FALSE(meter.end(start + 19ms));
  meter.on_nothing(start + 1s);
  meter.on_answer(false);
  CHECK_FALSE(meter.end(start + 2s));
}

TEST_CASE("each wait is asked about anew", "[unit]") {
  StallMeter meter;
  meter.on_nothing(start);
  meter.on_answer(true);
  meter.end(start + 30ms);
  meter.on_nothing(start + 40ms);
  CHECK_FALSE(meter.asks(start + 50ms));
  CHECK(meter.asks(start + 60ms));
}
