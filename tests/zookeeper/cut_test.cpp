#include <thread>

#include "support/eventually.hpp"
#include "zookeeper/cut_under_commits.hpp"

using namespace std::chrono_literals;
using namespace tidemark;
using namespace tidemark::test;
using Direction = CuttingProxy::Direction;
using Fault = CuttingProxy::Fault;

TEST_CASE("a commit that is cut at a random point is applied once", "[zookeeper]") { cut_under_commits(120); }

TEST_CASE("a commit whose reply is lost is known for our own, even after others went on from it", "[zookeeper]") {
  ZooKeeperFixture fixture;
  REQUIRE_FALSE(fixture.commit(orders(0, 100)));
  CuttingProxy proxy{fixture.server.port()};
  ZooKeeperOffsetStore store{through(proxy)};
  const TopicPartition partition{"orders", 0};
  REQUIRE(store.load(fixture.session, {&partition, 1}).at(0) == 100);

  // The reply is held back until the client gives its connection up; meanwhile others see the commit.
  proxy.arm(CuttingProxy::Cut{Direction::reply, 0, Fault::stall});
  std::optional<Conflict> conflict;
  const auto range = orders(100, 200);
  std::jthread committing{[&] { conflict = store.commit(fixture.session, {&range, 1}); }};
  REQUIRE(eventually([&] { return fixture.probe.get(fixture.path()) == "200"; }));

  SECTION("nobody went on: it is done") {
    committing.join();
    CHECK_FALSE(conflict);
    CHECK(fixture.probe.version(fixture.path()) == 1);
  }
  SECTION("another member went on: a conflict") {
    fixture.probe.set(fixture.path(), "300");
    committing.join();
    CHECK(conflict == Conflict{partition, 300});
    CHECK(fixture.probe.get(fixture.path()) == "300");
  }
  SECTION("an operator went back to where it began: a conflict, not a second application") {
    fixture.probe.set(fixture.path(), "100");
    committing.join();
    CHECK(conflict == Conflict{partition, 100});
    CHECK(fixture.probe.get(fixture.path()) == "100");
  }
  SECTION("an operator deleted it: a conflict with nothing") {
    fixture.probe.remove(fixture.path());
    committing.join();
    CHECK(conflict == Conflict{partition, std::nullopt});
    CHECK_FALSE(fixture.probe.get(fixture.path()));
  }
}

TEST_CASE("a request that arrives after its commit was repeated changes nothing", "[zookeeper]") {
  ZooKeeperFixture fixture;
  REQUIRE_FALSE(fixture.commit(orders(0, 100)));
  CuttingProxy proxy{fixture.server.port()};
  ZooKeeperOffsetStore store{through(proxy)};
  const TopicPartition partition{"orders", 0};
  store.load(fixture.session, {&partition, 1});

  proxy.arm(CuttingProxy::Cut{Direction::request, 20, Fault::stall});  // some of it is on its way
  const auto range = orders(100, 200);
  REQUIRE_FALSE(store.commit(fixture.session, {&range, 1}));
  REQUIRE(proxy.has_cut());
  fixture.probe.set(fixture.path(), "100");
  proxy.release();
  const auto later = orders(0, 1, 7);
  REQUIRE_FALSE(store.commit(fixture.session, {&later, 1}));
  CHECK(fixture.probe.get(fixture.path()) == "100");
  CHECK(fixture.probe.version(fixture.path()) == 2);
}
