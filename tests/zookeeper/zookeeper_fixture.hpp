#pragma once

#include <tidemark/stores/zookeeper.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/store_error.hpp"
#include "support/zookeeper_probe.hpp"
#include "support/zookeeper_server.hpp"

namespace tidemark::test {

inline OffsetRange orders(std::int64_t from, std::int64_t until, std::int32_t partition = 0) {
  return {.partition = {"orders", partition}, .from = from, .until = until};
}

/// Options for a server on loopback that give up soon: what a test breaks need not be waited for long.
inline ZooKeeperOffsetStoreOptions impatient(std::uint16_t port) {
  using namespace std::chrono_literals;
  auto options = zookeeper_options("127.0.0.1:" + std::to_string(port));
  options.session_timeout = 2'000ms;
  options.call_timeout = 10'000ms;
  return options;
}

/// A store on an emptied server, the one that the test program shares unless it is given another.
struct ZooKeeperFixture {
  explicit ZooKeeperFixture(ZooKeeperServer& its = ZooKeeperServer::shared())
      : ZooKeeperFixture{its, impatient(its.port())} {}
  ZooKeeperFixture(ZooKeeperServer& its, const ZooKeeperOffsetStoreOptions& options) : server{its} {
    probe.remove_all("/consumers");
    store = std::make_unique<ZooKeeperOffsetStore>(options);
  }

  ZooKeeperServer& server;
  ZooKeeperProbe probe{server.port()};
  std::unique_ptr<ZooKeeperOffsetStore> store;
  GroupSession session{.group = "billing"};
  std::string topic = "/consumers/billing/offsets/orders";

  std::string path(std::int32_t partition = 0) const { return topic + '/' + std::to_string(partition); }
  std::optional<std::int64_t> next(std::int32_t partition = 0) {
    const TopicPartition asked{"orders", partition};
    return store->load(session, {&asked, 1}).at(0);
  }
  std::optional<Conflict> commit(const OffsetRange& range) { return store->commit(session, {&range, 1}); }
  std::optional<Conflict> commit(const std::vector<OffsetRange>& ranges) { return store->commit(session, ranges); }
};

}  // namespace tidemark::test
