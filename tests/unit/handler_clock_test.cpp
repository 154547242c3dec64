#include "core/handler_clock.hpp"

#include "support/catch.hpp"

using namespace std::chrono_literals;
using tidemark::core::HandlerClock;
using Verdict = HandlerClock::Verdict;

namespace {

const HandlerClock::TimePoint start{1h};

}  // namespace

TEST_CASE("a call within its time is left alone", "[unit]") {
  HandlerClock clock{{.timeout = 5s, .grace = 2s}};
  CHECK_FALSE(clock.due());
  clock.begin(start);
  CHECK(clock.due() == start + 5s);
  CHECK(clock.look(start + 4999ms) == Verdict::fine);
  clock.end();
  CHECK_FALSE(clock.due());
  CHECK(clock.look(start + 1h) == Verdict::fine);
}

TEST_CASE("a call past its time is asked to finish, and given up after the grace, each once", "[unit]") {
  HandlerClock clock{{.timeout = 5s, .grace = 2s}};
  clock.begin(start);
  CHECK(clock.look(start + 6s) == Verdict::ask);  // nobody looked earlier: the grace begins now
  CHECK(clock.due() == start + 8s);
  CHECK(clock.look(start + 7999ms) == Verdict::fine);
  CHECK(clock.look(start + 8s) == Verdict::give_up);
  CHECK_FALSE(clock.due());
  CHECK(clock.look(start + 1h) == Verdict::fine);
  CHECK(clock.began() == start);
}

TEST_CASE("the next call has time of its own", "[unit]") {
  HandlerClock clock{{.timeout = 5s, .grace = 2s}};
  clock.begin(start);
  CHECK(clock.look(start + 5s) == Verdict::ask);
  clock.end();
  clock.begin(start + 6s);
  CHECK(clock.look(start + 10s) == Verdict::fine);
  CHECK(clock.look(start + 11s) == Verdict::ask);
}

TEST_CASE("without a time-out a call takes as long as it takes", "[unit]") {
  HandlerClock clock{{.timeout = 0s, .grace = 0s}};
  clock.begin(start);
  CHECK_FALSE(clock.due());
  CHECK(clock.look(start + 1000h) == Verdict::fine);
}

TEST_CASE("a time-out or a grace for ever is never over", "[unit]") {
  HandlerClock clock{{.timeout = std::chrono::milliseconds::max(), .grace = 2s}};
  clock.begin(start);
  CHECK(clock.look(start + 1'000'000h) == Verdict::fine);

  HandlerClock patient{{.timeout = 5s, .grace = std::chrono::milliseconds::max()}};
  patient.begin(start);
  CHECK(patient.look(start + 5s) == Verdict::ask);
  CHECK(patient.look(start + 1'000'000h) == Verdict::fine);
}
