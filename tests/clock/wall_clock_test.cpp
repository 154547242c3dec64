// The wall clock of a consumer's process is set back or forward, as NTP does or a machine that is woken. Nobody may notice.

#include <chrono>

#include "clock/stepped_member.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

using namespace std::chrono_literals;
using namespace tidemark::test;

namespace {

// Far above what anything takes here, and far below a step.
constexpr auto soon = 15s;
// More than twice the session time-out of 3 s. Lag is reported every 200 ms.
constexpr std::size_t lags_of_two_sessions = 35;

std::chrono::seconds step() { return GENERATE(std::chrono::seconds{-1h}, std::chrono::seconds{1h}); }

}  // namespace

TEST_CASE("a member whose wall clock is stepped keeps its partitions and reports its lag", "[clock]") {
  const auto by = step();
  CAPTURE(by.count());
  SteppedGroup group;
  SteppedMember member{group.topic, group.database, "quick"};
  REQUIRE(eventually([&] { return member.count("own") == 2 && member.count("lag") > 0; }));
  const auto lags = member.count("lag");
  member.step_clock(by);
  CHECK(eventually([&] { return member.count("lag") >= lags + lags_of_two_sessions; }, soon));
  group.write();
  CHECK(eventually([&] { return member.count("handled") == 2; }, soon));
  INFO(member.output());
  CHECK(member.count("lose") == 0);
  CHECK(member.ends_well());
}

TEST_CASE("of two members, one with its wall clock stepped, each record is handled once", "[clock]") {
  const auto by = step();
  const auto* handler = GENERATE("quick", "slow");
  CAPTURE(by.count(), handler);
  SteppedGroup group;
  SteppedMember steady{group.topic, group.database, handler};
  REQUIRE(eventually([&] { return steady.count("own") == 2; }));
  SteppedMember stepped{group.topic, group.database, handler};
  REQUIRE(eventually([&] { return stepped.count("own") == 1 && steady.count("own") == 3; }));
  group.write();
  REQUIRE(eventually([&] { return stepped.count("begin") > 0; }));
  const auto lost_before = steady.count("lose");
  stepped.step_clock(by);

  SteppedMember::Handled handled;
  const auto count = [&] {
    handled.clear();
    steady.add_to(handled);
    stepped.add_to(handled);
    return handled.size();
  };
  const auto lags = steady.count("lag");
  while (steady.count("lag") < lags + lags_of_two_sessions) {
    group.write();
    const auto written = static_cast<std::size_t>(2 * group.written);
    if (!eventually([&] { return count() == written; }, soon)) break;
  }
  CHECK(count() == static_cast<std::size_t>(2 * group.written));
  for (const auto& [record, times] : handled) CHECK(times == 1);
  INFO("steady:\n" << steady.output() << "stepped:\n" << stepped.output());
  CHECK(steady.count("lose") == lost_before);
  CHECK(stepped.count("lose") == 0);
  CHECK(stepped.count("refused") + steady.count("refused") == 0);
  CHECK(stepped.ends_well());
  CHECK(steady.ends_well());
}

TEST_CASE("a handler that hangs is asked to finish in time, though the wall clock was stepped", "[clock]") {
  const auto by = step();
  CAPTURE(by.count());
  SteppedGroup group;
  SteppedMember member{group.topic, group.database, "hung"};
  group.write();
  REQUIRE(eventually([&] { return member.count("begin") == 1; }));
  member.step_clock(by);
  CHECK(eventually([&] { return member.count("overdue") == 1 && member.count("handled") > 0; }, soon));
  INFO(member.output());
  CHECK(member.ends_well());
}

TEST_CASE("a batch that fills is handled in time, though the wall clock was stepped", "[clock]") {
  const auto by = step();
  CAPTURE(by.count());
  SteppedGroup group;
  SteppedMember member{group.topic, group.database, "filling"};
  REQUIRE(eventually([&] { return member.count("own") == 2 && member.count("lag") > 0; }));
  group.write();
  const auto lags = member.count("lag");
  REQUIRE(eventually([&] { return member.count("lag") >= lags + 4; }));  // the batch has begun, and waits for more
  REQUIRE(member.count("handled") == 0);
  member.step_clock(by);
  CHECK(eventually([&] { return member.count("handled") == 2; }, soon));
  INFO(member.output());
  CHECK(member.ends_well());
}
