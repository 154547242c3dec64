#include <tidemark/stores/zookeeper.hpp>

#include <tidemark/testing/catch2.hpp>

#include <concepts>

#include "support/unique_name.hpp"
#include "zookeeper/zookeeper_fixture.hpp"

using namespace tidemark;
using namespace tidemark::test;
using tidemark::testing::check_conformance;

static_assert(std::derived_from<ZooKeeperOffsetStore, OffsetCatalog>);

TEST_CASE("the ZooKeeper store keeps the contract", "[zookeeper]") {
  check_conformance({.storage =
                         [] {
                           const auto connect_string = ZooKeeperServer::shared().servers() + '/' + unique_name("kit");
                           return [connect_string] { return std::make_unique<ZooKeeperOffsetStore>(connect_string); };
                         },
                     .capabilities = {.refuses_odd_names = true}});
}
