#include "support/redis_sentinels.hpp"

#include <fstream>
#include <stdexcept>

#include "support/eventually.hpp"
#include "support/free_port.hpp"

namespace tidemark::test {

namespace {

constexpr std::chrono::seconds patience{60};

void require(bool holds, const char* otherwise) {
  if (!holds) throw std::runtime_error{otherwise};
}

/// Whether `condition` holds; not, where the server can't be asked.
template <class Condition>
bool holds(Condition condition) {
  try {
    return condition();
  } catch (const std::runtime_error&) {
    return false;
  }
}

}  // namespace

RedisSentinels::RedisSentinels() {
  servers_.push_back(std::make_unique<RedisServer>());
  const auto port = servers_.front()->port();
  servers_.push_back(std::make_unique<RedisServer>(
      RedisServer::Options{.arguments = {"--replicaof", "127.0.0.1", std::to_string(port)}}));
  for (int i = 0; i < 3; ++i) start_sentinel(port);
  const auto all_know_each_other = [this] {
    for (const auto sentinel : ports_) {
      RedisProbe probe{sentinel};
      if (probe("SENTINEL", "SENTINELS", "main").elements().size() != 2) return false;
      if (probe("SENTINEL", "REPLICAS", "main").elements().size() != 1) return false;
    }
    return true;
  };
  require(eventually([&] { return holds(all_know_each_other); }, patience), "the Sentinels do not find each other");
  wait_for_replica();
}

void RedisSentinels::start_sentinel(std::uint16_t master_port) {
  const auto port = free_port();
  const auto file = folder_ / ("sentinel-" + std::to_string(port) + ".conf");
  std::ofstream{file} << "port " << port << "\nbind 127.0.0.1\nsentinel monitor main 127.0.0.1 " << master_port
                      << " 2\n"
                      << "sentinel down-after-milliseconds main 500\nsentinel failover-timeout main 3000\n";
  ports_.push_back(port);
  sentinels_.push_back(std::make_unique<Process>(Process::Options{.command = {"redis-server", file, "--sentinel"}}));
}

std::string RedisSentinels::url() const {
  std::string url = "redis+sentinel://";
  for (const auto port : ports_) url += (port == ports_.front() ? "" : ",") + ("127.0.0.1:" + std::to_string(port));
  return url + "/main";
}

std::uint16_t RedisSentinels::master_port() {
  const auto answer = RedisProbe{ports_.front()}("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "main");
  return static_cast<std::uint16_t>(answer.elements()[1].integer());
}

RedisServer& RedisSentinels::master() {
  const auto port = master_port();
  return servers_[0]->port() == port ? *servers_[0] : *servers_[1];
}

RedisServer& RedisSentinels::replica() { return &master() == servers_[0].get() ? *servers_[1] : *servers_[0]; }

void RedisSentinels::freeze_sentinels() {
  for (const auto& each : sentinels_) each->freeze();
}

void RedisSentinels::wait_for_replica() {
  const auto is_in_step = [this] {
    auto probe = master().probe();
    const auto replica = probe.info("replication", "slave0");
    const auto offset = probe.info("replication", "master_repl_offset");
    // Sentinels choose a replica that they have heard of as linked to its master.
    const auto seen = RedisProbe{ports_.front()}("SENTINEL", "REPLICAS", "main").elements()[0];
    bool is_linked = false;
    for (std::size_t i = 0; i + 1 < seen.elements().size(); i += 2)
      is_linked =
          is_linked || (seen.elements()[i].text() == "master-link-status" && seen.elements()[i + 1].text() == "ok");
    return is_linked && replica.find("state=online") != std::string::npos &&
           replica.find("offset=" + offset + ",") != std::string::npos;
  };
  require(eventually([&] { return holds(is_in_step); }, patience), "the replica does not get in step");
}

void RedisSentinels::wait_for_other_master(const RedisServer& former) {
  const auto has_moved = [&] {
    const auto port = master_port();
    return port != former.port() && RedisProbe{port}.info("replication", "role") == "master";
  };
  require(eventually([&] { return holds(has_moved); }, patience), "the Sentinels do not fail over");
}

}  // namespace tidemark::test
