#include "unit/session_told.hpp"

using namespace tidemark;
using namespace tidemark::test::session;

TEST_CASE("assigned partitions are loaded first and then assigned in one call", "[unit]") {
  Session session{limits};
  const auto actions = session.on_assigned(Partitions{a, b}, whole);
  CHECK(told(actions) == "load 0 1");
  CHECK(told(session.on_loaded(ticket_of(actions), {start_of(a, 3), start_of(b, 4)})) == "assign 0@3 1@4");
  CHECK(session.owned() == std::set{a, b});
  CHECK_FALSE(session.deadline());
}

TEST_CASE("an empty assignment is answered at once", "[unit]") {
  Session session{limits};
  CHECK(told(session.on_assigned({}, whole)) == "assign");
}

TEST_CASE("an answer to an older load is ignored", "[unit]") {
  Session session{limits};
  const auto ticket = ticket_of(session.on_assigned(Partitions{a}, whole));
  CHECK(told(session.on_loaded(ticket + 1, {start_of(a)})).empty());
  CHECK(told(session.on_loaded(ticket, {start_of(a)})) == "assign 0@5");
  CHECK(told(session.on_loaded(ticket, {start_of(a)})).empty());
}

TEST_CASE("partitions with a start do not wait for those without one, which are added when theirs is known", "[unit]") {
  Session session{limits};
  const auto ticket = ticket_of(session.on_assigned(Partitions{a, b}, whole));
  CHECK(told(session.on_loaded(ticket, {start_of(b)})) == "assign 1@5");
  CHECK(session.owned() == std::set{b});
  CHECK(session.is_loading(ticket, a));
  CHECK_FALSE(session.is_loading(ticket, b));
  CHECK(told(session.on_loaded(ticket, {start_of(a, 3)})) == "add 0@3");
  CHECK(session.owned() == std::set{a, b});
  CHECK_FALSE(session.is_loading(ticket, a));
}

TEST_CASE("an assignment of which no start is known is answered all the same", "[unit]") {
  Session session{limits};
  const auto ticket = ticket_of(session.on_assigned(Partitions{a, b}, whole));
  CHECK(told(session.on_loaded(ticket, {})) == "assign");
  CHECK(session.owned().empty());
  CHECK(told(session.on_loaded(ticket, {start_of(a)})) == "add 0@5");
}

TEST_CASE("an addition that a rebalance overtakes is made after it, or not at all", "[unit]") {
  Session session{limits};
  const auto ticket = ticket_of(session.on_assigned(Partitions{a, b}, whole));
  session.on_loaded(ticket, {start_of(b)});
  REQUIRE(told(session.on_loaded(ticket, {start_of(a)})) == "add 0@5");
  CHECK(told(session.on_revoked(Partitions{a, b}, now)) == "drain 0 1");
  const auto start = start_of(a);
  CHECK(told(session.on_add_overtaken({&start, 1})).empty());
  session.on_drained(a);
  CHECK(told(session.on_drained(b)) == "unassign 0 1");
  CHECK(session.owned().empty());
}

TEST_CASE("where assignments change by increments, late starts are one more increment", "[unit]") {
  Session session{limits};
  const auto ticket = ticket_of(session.on_assigned(Partitions{a, b}, incremental));
  CHECK(told(session.on_loaded(ticket, {start_of(b)})) == "assign 1@5");
  CHECK(told(session.on_loaded(ticket, {start_of(a)})) == "assign 0@5");
}

TEST_CASE("a start that comes while a rebalance is in progress waits for its end", "[unit]") {
  Session session{limits};
  const auto ticket = ticket_of(session.on_assigned(Partitions{a, b}, incremental));
  session.on_loaded(ticket, {start_of(b)});
  CHECK(told(session.on_revoked(Partitions{b}, now)) == "drain 1");
  CHECK(told(session.on_loaded(ticket, {start_of(a)})).empty());
  CHECK(told(session.on_drained(b)) == "unassign 1, assign 0@5");
}

TEST_CASE("a start that comes after its partition was taken back is ignored", "[unit]") {
  Session session{limits};
  const auto ticket = ticket_of(session.on_assigned(Partitions{a, b}, whole));
  session.on_loaded(ticket, {start_of(b)});
  session.on_revoked(Partitions{a, b}, now);
  CHECK(told(session.on_drained(b)) == "unassign 0 1");
  CHECK_FALSE(session.is_loading(ticket, a));
  CHECK(told(session.on_loaded(ticket, {start_of(a)})).empty());
}

TEST_CASE("revoked partitions are drained, every one of them, before they are unassigned", "[unit]") {
  auto session = owning_both();
  CHECK(told(session.on_revoked(Partitions{a, b}, now)) == "drain 0 1");
  CHECK(session.draining());
  CHECK(told(session.on_drained(b)).empty());
  CHECK(told(session.on_drained(b)).empty());
  CHECK(told(session.on_drained(a)) == "unassign 0 1");
  CHECK(session.owned().empty());
  CHECK_FALSE(session.draining());
}

TEST_CASE("partitions that are not revoked stay", "[unit]") {
  auto session = owning_both();
  CHECK(told(session.on_revoked(Partitions{a}, now)) == "drain 0");
  CHECK(told(session.on_drained(a)) == "unassign 0");
  CHECK(session.owned() == std::set{b});
}

TEST_CASE("a revocation of nothing, or of what was never ours, is answered at once", "[unit]") {
  auto session = owning_both();
  CHECK(told(session.on_revoked({}, now)) == "unassign");
  CHECK(told(session.on_revoked(Partitions{{"orders", 7}}, now)) == "unassign 7");
  CHECK(session.owned() == std::set{a, b});
}

TEST_CASE("what is not drained when its time is over is abandoned", "[unit]") {
  auto session = owning_both();
  session.on_revoked(Partitions{a, b}, now);
  session.on_drained(a);
  REQUIRE(session.deadline() == now + limits.drain_timeout);
  CHECK(told(session.on_time(now + limits.drain_timeout - 1ns)).empty());
  CHECK(told(session.on_time(now + limits.drain_timeout)) == "abandon 1, unassign 0 1");
  CHECK_FALSE(session.deadline());
  CHECK(told(session.on_time(now + 1h)).empty());
}

TEST_CASE("without time to drain nothing is waited for", "[unit]") {
  Session session{{.drain_timeout = 0ms, .stop_timeout = 0ms}};
  session.on_loaded(ticket_of(session.on_assigned(Partitions{a}, whole)), {start_of(a)});
  CHECK(told(session.on_revoked(Partitions{a}, now)) == "drain 0");
  CHECK(told(session.on_time(now)) == "abandon 0, unassign 0");
}

TEST_CASE("lost partitions are abandoned and unassigned, and nothing is waited for", "[unit]") {
  auto session = owning_both();
  CHECK(told(session.on_lost(Partitions{a, b})) == "abandon 0 1, unassign lost 0 1");
  CHECK(session.owned().empty());
}

TEST_CASE("when the group goes on without us, draining ends", "[unit]") {
  auto session = owning_both();
  CHECK(told(session.on_membership_lost()).empty());
  session.on_revoked(Partitions{a, b}, now);
  session.on_drained(b);
  CHECK(told(session.on_membership_lost()) == "abandon 0, unassign 0 1");
  CHECK(told(session.on_membership_lost()).empty());
}

TEST_CASE("partitions that come back are loaded anew", "[unit]") {
  auto session = owning_both();
  session.on_lost(Partitions{a, b});
  const auto actions = session.on_assigned(Partitions{a}, whole);
  CHECK(told(actions) == "load 0");
  CHECK(told(session.on_loaded(ticket_of(actions), {start_of(a, 9)})) == "assign 0@9");
}

TEST_CASE("a parked partition is loaded and repositioned", "[unit]") {
  auto session = owning_both();
  const auto actions = session.on_parked(a);
  CHECK(told(actions) == "reload 0");
  CHECK(told(session.on_reloaded(ticket_of(actions), start_of(a, 77))) == "reposition 0@77");
}

TEST_CASE("of two reloads of a partition the later one counts", "[unit]") {
  auto session = owning_both();
  const auto before = session.on_parked(a);
  const auto after = session.on_parked(a);
  CHECK(told(session.on_reloaded(ticket_of(after), start_of(a, 78))) == "reposition 0@78");
  CHECK(told(session.on_reloaded(ticket_of(before), start_of(a, 77))).empty());
}

TEST_CASE("a partition that is not ours is not reloaded", "[unit]") {
  Session session{limits};
  CHECK(told(session.on_parked(a)).empty());
}

TEST_CASE("a reposition waits until partitions that come are there", "[unit]") {
  auto session = owning_both();
  const auto reload = session.on_parked(a);
  const auto load = session.on_assigned(Partitions{{"orders", 2}}, whole);
  CHECK(told(session.on_reloaded(ticket_of(reload), start_of(a, 77))).empty());
  CHECK(told(session.on_loaded(ticket_of(load), {start_of({"orders", 2})})) == "assign 2@5, reposition 0@77");
}

TEST_CASE("a reposition waits until partitions that go are gone", "[unit]") {
  auto session = owning_both();
  const auto reload = session.on_parked(a);
  session.on_revoked(Partitions{b}, now);
  CHECK(told(session.on_reloaded(ticket_of(reload), start_of(a, 77))).empty());
  CHECK(told(session.on_drained(b)) == "unassign 1, reposition 0@77");
}

TEST_CASE("a partition that is given up is not repositioned", "[unit]") {
  auto session = owning_both();
  const auto before = session.on_parked(a);
  const auto after = session.on_parked(a);
  session.on_revoked(Partitions{a}, now);
  CHECK(told(session.on_reloaded(ticket_of(before), start_of(a, 77))).empty());
  CHECK(told(session.on_drained(a)) == "unassign 0");
  CHECK(told(session.on_reloaded(ticket_of(after), start_of(a, 77))).empty());
}

TEST_CASE("what was found out for an earlier ownership does not move a later one", "[unit]") {
  auto session = owning_both();
  const auto reload = session.on_parked(a);
  session.on_lost(Partitions{a, b});
  session.on_loaded(ticket_of(session.on_assigned(Partitions{a}, whole)), {start_of(a)});
  CHECK(told(session.on_reloaded(ticket_of(reload), start_of(a, 77))).empty());
}

TEST_CASE(
    "a rebalance that comes before the last one was answered ends the drain: a reposition was taken for the answer",
    "[unit]") {
  Session session{limits};
  const auto load = session.on_assigned(Partitions{a, b}, whole);
  CHECK(told(session.on_loaded(ticket_of(load), {start_of(a), start_of(b)})) == "assign 0@5 1@5");
  CHECK(told(session.on_revoked(Partitions{a}, now)) == "drain 0");
  SECTION("an assignment") {
    CHECK(told(session.on_assigned(Partitions{a}, whole)) == "abandon 0, unassign 0, load 0");
  }
  SECTION("an empty assignment") {
    CHECK(told(session.on_assigned(Partitions{}, whole)) == "abandon 0, unassign 0, assign");
  }
  SECTION("another revocation") {
    CHECK(told(session.on_revoked(Partitions{b}, now)) == "abandon 0, unassign 0, drain 1");
  }
  CHECK_FALSE(session.owned().contains(a));
  CHECK(told(session.on_drained(a)) == "");
}

TEST_CASE("where assignments change by increments, Kafka is answered before the new partitions are loaded", "[unit]") {
  Session session{limits};
  const auto load = session.on_assigned(Partitions{a}, incremental);
  CHECK(told(load) == "accept, load 0");
  CHECK(session.owned().empty());
  SECTION("they are assigned when they are") {
    CHECK(told(session.on_loaded(ticket_of(load), {start_of(a)})) == "assign 0@5");
    CHECK(session.owned() == std::set{a});
  }
  SECTION("unless they were taken back meanwhile") {
    CHECK(told(session.on_revoked(Partitions{a}, now)) == "unassign 0");
    CHECK(told(session.on_loaded(ticket_of(load), {start_of(a)})).empty());
  }
  SECTION("nor when they came back since: only the last load counts") {
    session.on_revoked(Partitions{a}, now);
    const auto again = session.on_assigned(Partitions{a}, incremental);
    CHECK(told(session.on_loaded(ticket_of(load), {start_of(a, 3)})).empty());
    CHECK(told(session.on_loaded(ticket_of(again), {start_of(a, 4)})) == "assign 0@4");
  }
  SECTION("nor when everything was lost") {
    CHECK(told(session.on_lost(Partitions{a})) == "abandon 0, unassign lost 0");
    CHECK(told(session.on_loaded(ticket_of(load), {start_of(a)})).empty());
  }
  SECTION("nor when we stop, which owes no answer") {
    CHECK(told(session.on_stop(now)) == "leave");
    CHECK(told(session.on_loaded(ticket_of(load), {start_of(a)})).empty());
  }
  SECTION("several loads may be under way") {
    const auto more = session.on_assigned(Partitions{b}, incremental);
    CHECK(told(more) == "accept, load 1");
    CHECK(told(session.on_loaded(ticket_of(more), {start_of(b)})) == "assign 1@5");
    CHECK(told(session.on_loaded(ticket_of(load), {start_of(a)})) == "assign 0@5");
  }
}

TEST_CASE("what is loaded while others are drained is assigned when they are gone", "[unit]") {
  Session session{limits};
  session.on_loaded(ticket_of(session.on_assigned(Partitions{a}, incremental)), {start_of(a)});
  const TopicPartition c{"orders", 2};
  const auto load = session.on_assigned(Partitions{b, c}, incremental);
  CHECK(told(session.on_revoked(Partitions{a, c}, now)) == "drain 0");
  CHECK(told(session.on_loaded(ticket_of(load), {start_of(b), start_of(c)})).empty());
  CHECK(told(session.on_drained(a)) == "unassign 0 2, assign 1@5");
  CHECK(session.owned() == std::set{b});
}

TEST_CASE("a reposition does not wait for partitions that come on top", "[unit]") {
  Session session{limits};
  session.on_loaded(ticket_of(session.on_assigned(Partitions{a}, incremental)), {start_of(a)});
  const auto reload = session.on_parked(a);
  session.on_assigned(Partitions{b}, incremental);
  CHECK(told(session.on_reloaded(ticket_of(reload), start_of(a, 77))) == "reposition 0@77");
}

TEST_CASE("a reposition that a rebalance overtook waits until that is over", "[unit]") {
  auto session = owning_both();
  const auto reload = session.on_parked(a);
  REQUIRE(told(session.on_reloaded(ticket_of(reload), start_of(a, 9))) == "reposition 0@9");
  CHECK(told(session.on_reposition_overtaken(start_of(a, 9))) == "reposition 0@9");  // it was answered already
  REQUIRE(told(session.on_revoked(Partitions{b}, now)) == "drain 1");
  CHECK(told(session.on_reposition_overtaken(start_of(a, 9))).empty());
  CHECK(told(session.on_drained(b)) == "unassign 1, reposition 0@9");
  session.on_revoked(Partitions{a}, now);
  session.on_drained(a);
  CHECK(told(session.on_reposition_overtaken(start_of(a, 9))).empty());
}
