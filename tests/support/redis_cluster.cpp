#include "support/redis_cluster.hpp"

#include <algorithm>
#include <sstream>
#include <stdexcept>

#include "support/eventually.hpp"
#include "support/free_port.hpp"

namespace tidemark::test {

RedisCluster& RedisCluster::shared() {
  static RedisCluster cluster;
  return cluster;
}

namespace {

constexpr int slots = 16'384;

std::vector<int> even_shares(int masters) {
  std::vector<int> first_slots;
  for (int i = 0; i < masters; ++i) first_slots.push_back(i * slots / masters);
  return first_slots;
}

}  // namespace

RedisCluster::RedisCluster(int masters) : RedisCluster{even_shares(masters)} {}

RedisCluster::RedisCluster(const std::vector<int>& first_slots, const std::vector<std::string>& more) {
  const auto masters = static_cast<int>(first_slots.size());
  for (int i = 0; i < masters; ++i) {
    std::vector<std::string> arguments{"--cluster-enabled",
                                       "yes",
                                       "--cluster-port",
                                       std::to_string(free_port()),
                                       "--cluster-node-timeout",
                                       "2000",
                                       "--cluster-require-full-coverage",
                                       "no"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    masters_.push_back(std::make_unique<RedisServer>(RedisServer::Options{.arguments = arguments}));
  }
  for (int i = 0; i < masters; ++i) {
    auto probe = master(i).probe();
    const auto place = static_cast<std::size_t>(i);
    const auto end = i + 1 < masters ? first_slots[place + 1] : slots;
    probe("CLUSTER", "ADDSLOTSRANGE", std::to_string(first_slots[place]), std::to_string(end - 1));
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

bool RedisCluster::agrees() const {
  const auto layout_of = [](const auto& server) {
    // Of each line of a master: its id and, from the ninth word on, its slots. A slot that moves is told by one node only.
    std::vector<std::string> lines;
    std::istringstream nodes{std::string{server->probe()("CLUSTER", "NODES").text()}};
    for (std::string line; std::getline(nodes, line);) {
      std::istringstream words{line};
      std::string told;
      std::string word;
      for (int i = 0; words >> word; ++i)
        if (i == 0 || i > 7) told += word + " ";
      lines.push_back(told);
    }
    std::ranges::sort(lines);
    return lines;
  };
  return std::ranges::all_of(masters_,
                             [&](const auto& each) { return layout_of(each) == layout_of(masters_.front()); });
}

void RedisCluster::on_all(const std::vector<std::string>& words) {
  for (const auto& each : masters_) each->probe().run(words);
}

}  // namespace tidemark::test
