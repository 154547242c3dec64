#include "unit/session_told.hpp"

using namespace tidemark;
using namespace tidemark::test::session;

TEST_CASE("stopping drains all and then leaves", "[unit]") {
  auto session = owning_both();
  CHECK(told(session.on_stop(now)) == "drain 0 1");
  CHECK(session.deadline() == now + limits.stop_timeout);
  CHECK(told(session.on_stop(now + 1s)).empty());
  CHECK(told(session.on_drained(a)).empty());
  CHECK(told(session.on_drained(b)) == "leave");
  CHECK(told(session.on_stop(now + 2s)).empty());
  CHECK_FALSE(session.deadline());
}

TEST_CASE("stopping with nothing in hand leaves at once", "[unit]") {
  Session session{limits};
  CHECK(told(session.on_stop(now)) == "leave");
}

TEST_CASE("stopping does not wait longer than it may", "[unit]") {
  auto session = owning_both();
  session.on_stop(now);
  session.on_drained(a);
  CHECK(told(session.on_time(now + limits.stop_timeout - 1ns)).empty());
  CHECK(told(session.on_time(now + limits.stop_timeout)) == "abandon 1, leave");
}

TEST_CASE("stopping while partitions are loaded gives Kafka the answer that it waits for", "[unit]") {
  Session session{limits};
  const auto load = session.on_assigned(Partitions{a}, whole);
  CHECK(told(session.on_stop(now)) == "assign, leave");
  CHECK(told(session.on_loaded(ticket_of(load), {start_of(a)})).empty());
}

TEST_CASE("stopping while partitions are drained gives Kafka the answer that it waits for", "[unit]") {
  auto session = owning_both();
  session.on_revoked(Partitions{a}, now);
  CHECK(told(session.on_stop(now)) == "drain 0 1");
  CHECK(told(session.on_drained(a)).empty());
  CHECK(told(session.on_drained(b)) == "unassign 0 1, leave");
}

TEST_CASE("partitions that are revoked while stopping are drained before they are unassigned", "[unit]") {
  auto session = owning_both();
  session.on_stop(now);
  CHECK(told(session.on_revoked(Partitions{a, b}, now)).empty());
  CHECK(told(session.on_drained(a)).empty());
  CHECK(told(session.on_drained(b)) == "unassign 0 1, leave");
}

TEST_CASE("when the group goes on without us while stopping, nothing more is waited for", "[unit]") {
  auto session = owning_both();
  session.on_stop(now);
  session.on_revoked(Partitions{a, b}, now);
  session.on_drained(a);
  CHECK(told(session.on_membership_lost()) == "abandon 1, unassign 0 1, leave");
}

TEST_CASE("partitions that are lost while stopping are not waited for", "[unit]") {
  auto session = owning_both();
  session.on_stop(now);
  CHECK(told(session.on_lost(Partitions{a, b})) == "abandon 0 1, unassign lost 0 1, leave");
}

TEST_CASE("while stopping nothing new is read", "[unit]") {
  auto session = owning_both();
  session.on_stop(now);
  CHECK(told(session.on_assigned(Partitions{{"orders", 2}}, whole)) == "assign");
  CHECK(told(session.on_parked(a)) == "reload 0");
  CHECK(session.owned() == std::set{a, b});
}

TEST_CASE("what Kafka takes back while it closes is given back at once", "[unit]") {
  auto session = owning_both();
  session.on_stop(now);
  session.on_drained(a);
  session.on_drained(b);
  CHECK(told(session.on_revoked(Partitions{a, b}, now)) == "unassign 0 1");
  CHECK(told(session.on_assigned(Partitions{a}, whole)) == "assign");
}

TEST_CASE("draining and stopping may take for ever", "[unit]") {
  constexpr auto for_ever = std::chrono::milliseconds::max();
  const auto later = now + 1h;
  Session session{{.drain_timeout = for_ever, .stop_timeout = for_ever}};
  session.on_loaded(ticket_of(session.on_assigned(Partitions{a, b}, incremental)), {start_of(a), start_of(b)});
  session.on_revoked(Partitions{a}, later);
  CHECK(told(session.on_time(later + 1'000'000h)).empty());
  session.on_drained(a);
  session.on_stop(later);
  CHECK(told(session.on_time(later + 1'000'000h)).empty());
  CHECK(told(session.on_drained(b)) == "leave");
}
