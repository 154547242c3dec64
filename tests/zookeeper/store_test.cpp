#include <tidemark/stores/zookeeper.hpp>

#include <tidemark/testing/catch2.hpp>

#include <chrono>
#include <concepts>

#include "support/unique_name.hpp"
#include "zookeeper/zookeeper_fixture.hpp"

using namespace tidemark;
using namespace tidemark::test;
using tidemark::testing::check_conformance;

static_assert(std::derived_from<ZooKeeperOffsetStore, OffsetCatalog>);

namespace {

constexpr std::chrono::seconds call_timeout{10};

}  // namespace

TEST_CASE("the ZooKeeper store keeps the contract, when its server freezes or dies, too", "[zookeeper]") {
  static ZooKeeperServer server;  // not the shared one, which others need; the sections share it
  check_conformance({.storage =
                         [] {
                           ZooKeeperOffsetStoreOptions options;
                           options.servers = server.servers();
                           options.chroot = '/' + unique_name("kit");
                           options.call_timeout = call_timeout;
                           return [options] { return std::make_unique<ZooKeeperOffsetStore>(options); };
                         },
                     .capabilities = {.loads_together = false, .refuses_odd_names = true},
                     .faults = {.freeze = [](bool on) { on ? server.freeze() : server.thaw(); },
                                .restart =
                                    [] {
                                      server.kill();
                                      server.start();
                                    },
                                .longest_call = call_timeout}});
}
