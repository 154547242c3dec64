#include "core/waits.hpp"

#include <string>
#include <vector>

#include <tidemark/consumer_state.hpp>

#include "support/catch.hpp"

using namespace std::chrono_literals;
using namespace tidemark;
using namespace tidemark::test;

namespace {

using Since = core::Waits::Since;
using TimePoint = core::Waits::TimePoint;

const TimePoint start{1h};

/// What is told, looked at once a second for that long, as "seconds" and "seconds over".
std::vector<std::string> told(core::Waits& waits, const Since& since, std::chrono::seconds from,
                              std::chrono::seconds until) {
  std::vector<std::string> all;
  for (auto at = from; at < until; at += 1s)
    for (const auto& telling : waits.look(since, start + at))
      all.push_back(std::to_string(telling.lasted / 1s) + (telling.is_over ? " over" : ""));
  return all;
}

Since since(WaitKind kind, std::chrono::seconds at) {
  Since all;
  all.note(kind, start + at);
  return all;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a wait is told after 10 s, then each time it has lasted twice as long", "[unit]") {
  core::Waits waits;
  CHECK(told(waits, since(WaitKind::store, 0s), 0s, 100s) == Texts{"10", "20", "40", "80"});
}

TEST_CASE("a wait of hours is told every 10 minutes", "[unit]") {
  core::Waits waits;
  const auto all = told(waits, since(WaitKind::store, 0s), 0s, 4000s);
  REQUIRE(all.size() > 9);
  CHECK(all[6] == "640");
  CHECK(all[7] == "1240");
  CHECK(all[8] == "1840");
}

TEST_CASE("that a wait is over is told once, and only if the wait was", "[unit]") {
  core::Waits waits;
  CHECK(told(waits, since(WaitKind::store, 0s), 0s, 9s).empty());
  CHECK(told(waits, {}, 9s, 30s).empty());
  CHECK(told(waits, since(WaitKind::store, 30s), 30s, 45s) == Texts{"10"});
  CHECK(told(waits, {}, 45s, 60s) == Texts{"15 over"});
}

TEST_CASE("a wait of the same kind that began later is another wait", "[unit]") {
  core::Waits waits;
  CHECK(told(waits, since(WaitKind::handler, 0s), 0s, 15s) == Texts{"10"});
  CHECK(told(waits, since(WaitKind::handler, 12s), 15s, 30s) == Texts{"15 over", "10"});
}

TEST_CASE("kinds do not get in each other's way, and of two of a kind the longer one counts", "[unit]") {
  core::Waits waits;
  auto both = since(WaitKind::store, 5s);
  both.note(WaitKind::handler, start + 9s);
  both.note(WaitKind::handler, start + 3s);
  both.note(WaitKind::handler, start + 7s);
  CHECK(told(waits, both, 0s, 14s) == Texts{"10"});
  CHECK(told(waits, both, 14s, 16s) == Texts{"10"});
}

TEST_CASE("a wait from the future is none yet", "[unit]") {
  core::Waits waits;
  CHECK(told(waits, since(WaitKind::store, 100s), 0s, 105s).empty());
}

TEST_CASE("a wait reads as a sentence: how long, for what, where, why, and what to do", "[unit]") {
  CHECK(to_string(WaitEvent{WaitKind::store, 12'345ms, false, "orders [0]", "refused", "Look at it"}) ==
        "has waited 12 s for the offset store (orders [0]): refused. Look at it");
  CHECK(to_string(WaitEvent{WaitKind::pause, 12s, false, "", "", ""}) == "has waited 12 s for resume()");
  CHECK(to_string(WaitEvent{WaitKind::group, 12s, true, "group \"g\"", "x", "y"}) ==
        "no longer waits for the group to assign partitions (group \"g\"), after 12 s");
}

TEST_CASE("a state reads as a line, and one more for each wait and each partition that is not read", "[unit]") {
  ConsumerState state{ConsumerPhase::reading, 61s, {}, {}};
  state.waits.push_back({WaitKind::right, 5s, "orders [1]", "refused", "Ask"});
  state.partitions = {{{"orders", 0}, PartitionPhase::reading, 7, ""},
                      {{"orders", 1}, PartitionPhase::not_authorised, 3, "refused"},
                      {{"orders", 2}, PartitionPhase::loading, -1, ""}};
  CHECK(to_string(state) ==
        "reading for 61 s, 3 partitions\n"
        "  has waited 5 s for the right to read (orders [1]): refused. Ask\n"
        "  orders [1] not_authorised at offset 3: refused\n"
        "  orders [2] loading");
}

TEST_CASE("every kind and every phase has a name of its own", "[unit]") {
  std::vector<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(WaitKind::stop); ++i) names.push_back(to_string(static_cast<WaitKind>(i)));
  for (int i = 0; i <= static_cast<int>(ConsumerPhase::ended); ++i)
    names.push_back(to_string(static_cast<ConsumerPhase>(i)));
  for (const auto name : names) CHECK(name != "?");
}
