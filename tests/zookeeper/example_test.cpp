#include <memory>
#include <string>

#include <tidemark/testing/embedded_broker.hpp>

#include "support/eventually.hpp"
#include "support/process.hpp"
#include "zookeeper/zookeeper_fixture.hpp"

using namespace std::chrono_literals;
using namespace tidemark;
using namespace tidemark::test;

TEST_CASE("example 14 goes on from what a Spark job left in ZooKeeper, and leaves as much for it", "[zookeeper]") {
  ZooKeeperFixture zookeeper;
  testing::EmbeddedBroker broker{{.topics = {{"orders", 1}}}};
  for (int i = 0; i < 3; ++i) broker.produce({.topic = "orders", .key = "ada", .value = "value " + std::to_string(i)});
  broker.flush();
  zookeeper.probe.set(zookeeper.path(), "1");
  Process process{
      {.command = {TIDEMARK_EXAMPLE_ZOOKEEPER, broker.brokers(), "orders", "billing", zookeeper.server.servers()}}};
  REQUIRE(eventually([&] { return process.output().find("ada = value 2\n") != std::string::npos; }));
  process.send(SIGTERM);
  CHECK(process.wait(60s) == ExitStatus{.code = 0});
  INFO(process.output());
  CHECK(process.output().find("value 0") == std::string::npos);
  CHECK(process.output().find("orders/0 next 3\n") != std::string::npos);
  CHECK(zookeeper.probe.get(zookeeper.path()) == "3");
}

TEST_CASE("example 14 ends with 1 where the offset is none, and says how it is called", "[zookeeper]") {
  ZooKeeperFixture zookeeper;
  testing::EmbeddedBroker broker{{.topics = {{"orders", 1}}}};
  zookeeper.probe.set(zookeeper.path(), "many");
  Process process{
      {.command = {TIDEMARK_EXAMPLE_ZOOKEEPER, broker.brokers(), "orders", "billing", zookeeper.server.servers()}}};
  CHECK(process.wait(60s) == ExitStatus{.code = 1});
  CHECK(process.output().find(zookeeper.path()) != std::string::npos);
  Process helpless{{.command = {TIDEMARK_EXAMPLE_ZOOKEEPER}}};
  CHECK(helpless.wait(60s) == ExitStatus{.code = 2});
}

TEST_CASE("the client library writes nothing to the process that it is in", "[zookeeper]") {
  ZooKeeperServer server;
  Process process{{.command = {TIDEMARK_ZOOKEEPER_COMMITTER, server.servers(), "billing", "orders"}}};
  const auto says_nothing_else = [&] {
    const auto output = process.output();
    std::size_t lines = 0;
    for (std::size_t at = 0; (at = output.find("ZOO_", at)) != std::string::npos; ++at) ++lines;
    return lines == 0 && output.find("@") == std::string::npos;
  };
  REQUIRE(eventually([&] { return process.output().size() > 100; }));
  server.kill();  // upon which it would say much
  server.start();
  const auto seen = process.output().size();
  REQUIRE(eventually([&] { return process.output().size() > seen + 100; }));
  process.send(SIGTERM);
  CHECK(process.wait(30s) == ExitStatus{.code = 0});
  CHECK(says_nothing_else());
}
