#pragma once

#include <iostream>
#include <random>

#include "support/cutting_proxy.hpp"
#include "zookeeper/steady_committer.hpp"

namespace tidemark::test {

/// Options for a server behind the proxy: with a session so short that a stall is noticed after 400 ms.
inline ZooKeeperOffsetStoreOptions through(const CuttingProxy& proxy) {
  auto options = impatient(proxy.port());
  options.session_timeout = std::chrono::milliseconds{600};
  return options;
}

/// Commits over a connection that is cut at random points, a tenth of them by a stall.
inline void cut_under_commits(int cuts) {
  using Direction = CuttingProxy::Direction;
  using Fault = CuttingProxy::Fault;
  ZooKeeperFixture fixture;
  CuttingProxy proxy{fixture.server.port()};
  ZooKeeperOffsetStore store{through(proxy)};
  SteadyCommitter committer{store, 0};
  committer.commit_next();
  committer.commit_next();
  proxy.arm(std::nullopt);
  committer.commit_next();
  const auto exchange = proxy.passed();
  REQUIRE(exchange.requests > 100);
  REQUIRE(exchange.replies > 50);

  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random{seed};
  for (int i = 0; i < cuts; ++i) {
    const auto direction = i % 2 ? Direction::request : Direction::reply;
    const auto fault = i % 10 == 0 ? Fault::stall : i % 3 ? Fault::fin : Fault::rst;  // a stall takes its time
    std::uniform_int_distribution<std::size_t> any{
        0, direction == Direction::request ? exchange.requests : exchange.replies};
    proxy.arm(CuttingProxy::Cut{direction, any(random), fault});
    for (int commits = 0; !proxy.has_cut() && commits < 10; ++commits) committer.commit_next();
    REQUIRE(committer.wrong() == "");
    REQUIRE(proxy.has_cut());
    // What was stuck on its way arrives when all is over, and must change nothing any more.
    proxy.release();
    committer.commit_next();
  }
  REQUIRE(committer.wrong() == "");
  REQUIRE(committer.failed() == 0);  // each was resolved within its call
  committer.require_exact(fixture.probe);
  std::cout << "zookeeper-cut: " << cuts << " cuts, " << committer.done() << " commits, each applied once" << std::endl;
}

}  // namespace tidemark::test
