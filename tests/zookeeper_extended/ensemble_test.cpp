#include <algorithm>
#include <array>
#include <iostream>
#include <memory>

#include "support/eventually.hpp"
#include "support/free_port.hpp"
#include "zookeeper/steady_committer.hpp"

using namespace std::chrono_literals;
using namespace tidemark;
using namespace tidemark::test;

namespace {

/// Three servers that elect a leader.
class Ensemble {
 public:
  Ensemble() {
    std::vector<std::string> members;
    for (int id = 1; id <= 3; ++id)
      members.push_back("server." + std::to_string(id) + "=127.0.0.1:" + std::to_string(free_port()) + ':' +
                        std::to_string(free_port()));
    for (int id = 1; id <= 3; ++id)
      servers_.at(static_cast<std::size_t>(id - 1)) =
          std::make_unique<ZooKeeperServer>(ZooKeeperServer::Options{.id = id, .properties = members});
    await_all();
  }

  std::string servers() const {
    return servers_[0]->servers() + ',' + servers_[1]->servers() + ',' + servers_[2]->servers();
  }
  ZooKeeperServer& leader() {
    return **std::ranges::find_if(servers_, [](const auto& server) { return server->mode() == "leader"; });
  }
  void await_all() {
    REQUIRE(eventually(
        [&] { return std::ranges::none_of(servers_, [](const auto& server) { return server->mode().empty(); }); },
        60s));
  }

 private:
  std::array<std::unique_ptr<ZooKeeperServer>, 3> servers_;
};

}  // namespace

TEST_CASE("each commit is applied once, though the leader of three servers is killed 10 times", "[extended]") {
  Ensemble ensemble;
  auto options = impatient(1);
  options.servers = ensemble.servers();
  ZooKeeperOffsetStore store{options};
  options.call_timeout = 100ms;  // shorter than an election
  ZooKeeperOffsetStore hurried_store{options};
  SteadyCommitter patient{store, 0};
  SteadyCommitter hurried{hurried_store, 2};
  const auto all = {&patient, &hurried};
  for (auto* committer : all) committer->start();
  const auto await_commits = [&](std::int64_t more) {
    for (auto* committer : all) {
      const auto enough = committer->done() + more;
      REQUIRE(eventually([&] { return committer->done() >= enough || !committer->wrong().empty(); }, 60s));
      REQUIRE(committer->wrong() == "");
    }
  };
  constexpr int kills = 10;
  for (int i = 0; i < kills; ++i) {
    await_commits(20);
    auto& leader = ensemble.leader();
    leader.kill();
    await_commits(20);  // through the other two
    leader.start();
    ensemble.await_all();
  }
  for (auto* committer : all) committer->stop();
  ZooKeeperProbe probe{ensemble.leader().port()};
  for (auto* committer : all) committer->require_exact(probe);
  std::cout << "zookeeper-ensemble: " << kills << " leaders killed, " << patient.done() + hurried.done() << " commits"
            << std::endl;
}
