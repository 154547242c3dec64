#pragma once

#include <tidemark/stores/zookeeper.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/orders.hpp"
#include "support/store_error.hpp"
#include "support/zookeeper_probe.hpp"
#include "support/zookeeper_server.hpp"

namespace tidemark::test {

/// Options for a server on loopback that give up soon: what a test breaks need not be waited for long.
inline ZooKeeperOffsetStoreOptions impatient(std::uint16_t port) {
  using namespace std::chrono_literals;
  auto options = zookeeper_options("127.0.0.1:" + std::to_string(port));
  options.session_timeout = 2'000ms;
  options.call_timeout = 10'000ms;
  return options;
}

/// A store on an emptied server, the one that the test program shares unless it is given another.
struct ZooKeeperFixture : OrdersStore<ZooKeeperOffsetStore> {
  explicit ZooKeeperFixture(ZooKeeperServer& its = ZooKeeperServer::shared())
      : ZooKeeperFixture{its, impatient(its.port())} {}
  ZooKeeperFixture(ZooKeeperServer& its, const ZooKeeperOffsetStoreOptions& options) : server{its} {
    probe.remove_all("/consumers");
    store = std::make_unique<ZooKeeperOffsetStore>(options);
  }

  ZooKeeperServer& server;
  ZooKeeperProbe probe{server.port()};
  std::string topic = "/consumers/billing/offsets/orders";

  std::string path(std::int32_t partition = 0) const { return topic + '/' + std::to_string(partition); }
};

}  // namespace tidemark::test
