#pragma once

#include <iostream>
#include <memory>
#include <random>
#include <vector>

#include "hdfs/mover.hpp"
#include "support/eventually.hpp"
#include "support/hdfs_server.hpp"

namespace tidemark::test {

/// Ends both servers by SIGKILL, `kills` times, under the commits of two members, and starts them again.
inline void kill_servers(int kills) {
  using namespace std::chrono_literals;
  HdfsServer server;
  auto options = hdfs_options(server.url("/checkpoints"));
  options.request_timeout = 2s;
  std::vector<std::unique_ptr<Mover>> movers;
  for (std::int32_t partition = 0; partition < 2; ++partition)
    movers.push_back(std::make_unique<Mover>(options, partition));
  std::mt19937 random{std::random_device{}()};
  const auto advance = [&](std::int64_t by) {
    const auto first = movers[0]->acked();
    const auto second = movers[1]->acked();
    REQUIRE(eventually([&] { return movers[0]->acked() >= first + by && movers[1]->acked() >= second + by; }, 60s));
  };
  for (int i = 0; i < kills; ++i) {
    advance(std::uniform_int_distribution{1, 12}(random));
    const auto failures = movers[0]->failures() + movers[1]->failures();
    server.kill();
    // A kill counts only where a commit met it.
    REQUIRE(eventually([&] { return movers[0]->failures() + movers[1]->failures() > failures; }));
    server.start();
  }
  advance(5);
  for (auto& mover : movers) mover->stop();
  HdfsOffsetStore store{options};
  for (std::int32_t partition = 0; partition < 2; ++partition) {
    auto& mover = *movers[static_cast<std::size_t>(partition)];
    CHECK(mover.wrong().empty());
    INFO(mover.wrong());
    const auto stored = GroupView{store, "billing"}.next(partition).value_or(0);
    CHECK(stored >= mover.acked());
    CHECK(stored <= mover.acked() + 1);  // one that was under way when it was stopped
  }
  std::cout << "hdfs: " << kills << " kills of both servers under " << movers[0]->acked() + movers[1]->acked()
            << " commits" << std::endl;
}

}  // namespace tidemark::test
