#include <string>

#include <tidemark/testing/embedded_broker.hpp>

#include "hdfs/local_checkpoint.hpp"
#include "support/eventually.hpp"
#include "support/process.hpp"

using namespace std::chrono_literals;
using namespace tidemark;
using namespace tidemark::test;

TEST_CASE("example 16 goes on from a checkpoint that Spark left, and leaves as much for it", "[hdfs]") {
  LocalCheckpoint checkpoint;
  checkpoint.add(7, R"({"orders":{"0":1}})");
  testing::EmbeddedBroker broker{{.topics = {{"orders", 1}}}};
  for (int i = 0; i < 3; ++i) broker.produce({.topic = "orders", .key = "ada", .value = "value " + std::to_string(i)});
  broker.flush();
  const auto url = "file://" + checkpoint.folder.path().string() + "?group=billing";
  Process process{{.command = {TIDEMARK_EXAMPLE_HDFS, broker.brokers(), "orders", "billing", url}}};
  REQUIRE(eventually([&] { return process.output().find("ada = value 2\n") != std::string::npos; }));
  process.send(SIGTERM);
  CHECK(process.wait(60s) == ExitStatus{.code = 0});
  INFO(process.output());
  CHECK(process.output().find("value 0") == std::string::npos);
  CHECK(process.output().find("orders/0 next 3\n") != std::string::npos);
  CHECK(OpenCheckpoint{checkpoint}.group.next() == 3);
}

TEST_CASE("example 16 ends with 1 where the checkpoint is none, and says how it is called", "[hdfs]") {
  LocalCheckpoint checkpoint;
  checkpoint.put("checkpoint-1700000000000", "");
  testing::EmbeddedBroker broker{{.topics = {{"orders", 1}}}};
  const auto url = "file://" + checkpoint.folder.path().string() + "?group=billing";
  Process process{{.command = {TIDEMARK_EXAMPLE_HDFS, broker.brokers(), "orders", "billing", url}}};
  CHECK(process.wait(60s) == ExitStatus{.code = 1});
  CHECK(process.output().find("DStreams") != std::string::npos);
  Process helpless{{.command = {TIDEMARK_EXAMPLE_HDFS}}};
  CHECK(helpless.wait(60s) == ExitStatus{.code = 2});
}
