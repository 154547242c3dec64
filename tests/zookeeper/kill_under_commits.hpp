#pragma once

#include <iostream>
#include <random>

#include "support/eventually.hpp"
#include "zookeeper/steady_committer.hpp"

namespace tidemark::test {

/// Three committers, one of them in a hurry, while the server is killed over and over.
inline void kill_under_commits(int kills) {
  ZooKeeperServer server;
  ZooKeeperFixture fixture{server};
  auto hurried = impatient(server.port());
  hurried.call_timeout =
      std::chrono::milliseconds{200};  // shorter than a restart: its commits end with errors, and are looked up
  ZooKeeperOffsetStore hurried_store{hurried};
  SteadyCommitter first{*fixture.store, 0};
  SteadyCommitter second{*fixture.store, 2};
  SteadyCommitter third{hurried_store, 4};
  const auto all = {&first, &second, &third};
  for (auto* committer : all) committer->start();

  std::mt19937 random{std::random_device{}()};
  std::uniform_int_distribution<std::int64_t> some{1, 50};
  for (int i = 0; i < kills; ++i) {
    // Each of them has committed through the server that is killed now, and is committing.
    for (auto* committer : all) {
      const auto enough = committer->done() + some(random);
      REQUIRE(eventually([&] { return committer->done() >= enough || !committer->wrong().empty(); }));
      REQUIRE(committer->wrong() == "");
    }
    server.kill();
    server.start();
  }
  for (auto* committer : all) {
    const auto enough = committer->done() + 10;
    REQUIRE(eventually([&] { return committer->done() >= enough || !committer->wrong().empty(); }));
    committer->stop();
    REQUIRE(committer->wrong() == "");
  }
  fixture.probe = ZooKeeperProbe{server.port()};
  for (auto* committer : all) committer->require_exact(fixture.probe);
  CHECK(third.failed() > 0);
  std::cout << "zookeeper-kills: " << kills << " kills, " << first.done() + second.done() + third.done() << " commits, "
            << third.failed() << " unknown outcomes looked up" << std::endl;
}

}  // namespace tidemark::test
