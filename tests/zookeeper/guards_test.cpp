#include <thread>
#include <vector>

#include "zookeeper/steady_committer.hpp"

using namespace tidemark;
using namespace tidemark::test;

TEST_CASE("a commit in step costs one write a partition, and versions count them", "[zookeeper]") {
  ZooKeeperFixture fixture;
  for (std::int64_t i = 0; i < 10; ++i) REQUIRE_FALSE(fixture.commit(orders(i, i + 1)));
  CHECK(fixture.probe.version(fixture.path()) == 9);
  CHECK(fixture.probe.version(fixture.topic) == 0);
}

TEST_CASE("a store that remembers an old version looks again before it refuses or goes through", "[zookeeper]") {
  ZooKeeperFixture fixture;
  REQUIRE_FALSE(fixture.commit(orders(0, 100)));
  SECTION("somebody wrote the same once more: it goes through") {
    fixture.probe.set(fixture.path(), "100");
    REQUIRE_FALSE(fixture.commit(orders(100, 200)));
    CHECK(fixture.next() == 200);
  }
  SECTION("somebody else committed the very range: it is done") {
    fixture.probe.set(fixture.path(), "200");
    REQUIRE_FALSE(fixture.commit(orders(100, 200)));
    CHECK(fixture.probe.version(fixture.path()) == 1);
  }
  SECTION("somebody moved it to where our next range begins: it goes through") {
    fixture.probe.set(fixture.path(), "150");
    REQUIRE_FALSE(fixture.commit(orders(150, 200)));
  }
  SECTION("somebody went on: a conflict, and the other partitions stay") {
    REQUIRE_FALSE(fixture.commit(orders(0, 10, 1)));
    fixture.probe.set(fixture.path(), "300");
    CHECK(fixture.commit({orders(10, 20, 1), orders(100, 200)}) == Conflict{{"orders", 0}, 300});
    CHECK(fixture.next(1) == 10);
  }
  SECTION("somebody deleted it: nothing is stored, so the range goes through") {
    fixture.probe.remove(fixture.path());
    REQUIRE_FALSE(fixture.commit(orders(100, 200)));
    CHECK(fixture.next() == 200);
  }
  SECTION("somebody deleted all of the group") {
    fixture.probe.remove_all("/consumers/billing");
    REQUIRE_FALSE(fixture.commit(orders(100, 200)));
    CHECK(fixture.next() == 200);
  }
}

TEST_CASE("a zombie's version means nothing after an erase, though the new znode counts from 0 again", "[zookeeper]") {
  ZooKeeperFixture fixture;
  REQUIRE_FALSE(fixture.commit(orders(0, 10)));  // remembers version 0
  ZooKeeperOffsetStore owner{fixture.server.servers()};
  owner.erase("billing", std::vector<TopicPartition>{{"orders", 0}});
  const auto range = orders(0, 500);
  REQUIRE_FALSE(owner.commit(fixture.session, {&range, 1}));
  REQUIRE(fixture.probe.version(fixture.path()) == 0);
  CHECK(fixture.commit(orders(10, 20)) == Conflict{{"orders", 0}, 500});
  CHECK(fixture.next() == 500);
}

TEST_CASE("a partition named twice to the catalog counts once", "[zookeeper]") {
  ZooKeeperFixture fixture;
  fixture.store->overwrite("billing", std::vector<StoredOffset>{{{"orders", 0}, 1}, {{"orders", 0}, 2}});
  CHECK(fixture.next() == 2);
  fixture.store->erase("billing", std::vector<TopicPartition>{{"orders", 0}, {"orders", 0}});
  CHECK(fixture.next() == std::nullopt);
}

TEST_CASE("threads of one store commit at once, each batch once", "[zookeeper]") {
  ZooKeeperFixture fixture;
  std::vector<std::unique_ptr<SteadyCommitter>> committers;
  for (std::int32_t i = 0; i < 8; ++i) committers.push_back(std::make_unique<SteadyCommitter>(*fixture.store, 2 * i));
  {
    std::vector<std::jthread> threads;
    for (auto& committer : committers)
      threads.emplace_back([&] {
        for (int i = 0; i < 200; ++i) committer->commit_next();
      });
  }
  for (auto& committer : committers) {
    REQUIRE(committer->wrong() == "");
    REQUIRE(committer->done() == 200);
    committer->require_exact(fixture.probe);
  }
}
