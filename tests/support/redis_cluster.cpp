#include "support/redis_cluster.hpp"

#include <algorithm>
#include <stdexcept>

#include "support/eventually.hpp"
#include "support/free_port.hpp"

namespace tidemark::test {

RedisCluster& RedisCluster::shared() {
  static RedisCluster cluster;
  return cluster;
}

RedisCluster::RedisCluster(int masters) {
  for (int i = 0; i < masters; ++i)
    masters_.push_back(std::make_unique<RedisServer>(RedisServer::Options{
        .arguments = {"--cluster-enabled", "yes", "--cluster-port", std::to_string(free_port()),
                      "--cluster-node-timeout", "2000", "--cluster-require-full-coverage", "no"}}));
  constexpr int slots = 16'384;
  for (int i = 0; i < masters; ++i) {
    auto probe = master(i).probe();
    probe("CLUSTER", "ADDSLOTSRANGE", std::to_string(i * slots / masters),
          std::to_string((i + 1) * slots / masters - 1));
    probe("CLUSTER", "SET-CONFIG-EPOCH", std::to_string(i + 1));
    const std::string bus{probe("CONFIG", "GET", "cluster-port").elements()[1].text()};
    master(0).probe()("CLUSTER", "MEET", "127.0.0.1", std::to_string(master(i).port()), bus);
  }
  const auto is_whole = [&](const auto& server) {
    const std::string info{server->probe()("CLUSTER", "INFO").text()};
    return info.find("cluster_slots_ok:16384\r") != std::string::npos &&
           info.find("cluster_known_nodes:" + std::to_string(masters) + "\r") != std::string::npos &&
           info.find("cluster_state:ok") != std::string::npos;
  };
  if (!eventually([&] { return std::ranges::all_of(masters_, is_whole); }))
    throw std::runtime_error{"the Redis cluster did not come together:\n" + master(0).log()};
}

std::string RedisCluster::url() const {
  return "redis+cluster://127.0.0.1:" + std::to_string(masters_.front()->port());
}

int RedisCluster::master_of(const std::string& key) const {
  const auto slot = masters_.front()->probe()("CLUSTER", "KEYSLOT", key).integer();
  const auto answer = masters_.front()->probe()("CLUSTER", "SLOTS");
  for (const auto& range : answer.elements()) {
    if (slot < range.elements()[0].integer() || slot > range.elements()[1].integer()) continue;
    const auto port = range.elements()[2].elements()[1].integer();
    for (int i = 0; i < size(); ++i)
      if (masters_[static_cast<std::size_t>(i)]->port() == port) return i;
  }
  throw std::runtime_error{"nobody serves the slot of " + key};
}

std::string RedisCluster::id(int index) const {
  return std::string{masters_[static_cast<std::size_t>(index)]->probe()("CLUSTER", "MYID").text()};
}

void RedisCluster::on_all(const std::vector<std::string>& words) {
  for (const auto& each : masters_) each->probe().run(words);
}

}  // namespace tidemark::test
