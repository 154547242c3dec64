#include <array>

#include <tidemark/testing/embedded_broker.hpp>

#include "postgres/killed_consumer.hpp"

using namespace tidemark;
using namespace tidemark::test;

TEST_CASE("results in PostgreSQL are exact, though the consumer, its sessions and the server are ended in the midst",
          "[postgres]") {
  KilledConsumer killed{30'000};
  killed.run(12, 4);
  CHECK(killed.consumer_hits + killed.session_hits + killed.server_hits >= 20);  // else the test proves too little
}

TEST_CASE("example 17 books each order once, though it is killed and goes on", "[postgres]") {
  PostgresServer& server = PostgresServer::shared();
  const auto database = server.make_database();
  auto probe = server.probe(database);
  const auto broker_with = [](int orders) {
    auto broker = std::make_unique<testing::EmbeddedBroker>(testing::EmbeddedBrokerOptions{.topics = {{"orders", 2}}});
    for (int i = 0; i < orders; ++i)
      broker->produce({.topic = "orders", .key = i % 2 ? "ada" : "ben", .value = std::to_string(i)});
    broker->flush();
    return broker;
  };
  const auto start = [&](const testing::EmbeddedBroker& broker) {
    return Process::Options{
        .command = {TIDEMARK_EXAMPLE_POSTGRES, broker.brokers(), "orders", "billing", server.connection(database)},
        .environment = {},
        .working_folder = {},
        .output_file = {}};
  };
  const auto rows = [&] {
    try {
      return probe("select count(*) from orders");
    } catch (const std::runtime_error&) {
      return std::string{};
    }
  };
  {
    const auto broker = broker_with(1'000);
    Process process{start(*broker)};
    REQUIRE(eventually([&] { return !rows().empty() && rows() != "0"; }));
    process.kill();
  }
  // The same orders on a broker that doesn't know the group, which would keep the killed member's partitions for 45 s.
  const auto broker = broker_with(1'010);
  Process process{start(*broker)};
  const bool complete = eventually([&] { return rows() == "1010"; }, std::chrono::seconds{90});
  INFO(process.output());
  CHECK(complete);
  CHECK(probe("select sum(cents) from totals") == std::to_string(1'009 * 1'010 / 2));
  CHECK(probe("select cents from totals where customer = 'ben'") ==
        probe("select sum(cents) from orders where customer = 'ben'"));
  process.send(SIGTERM);
  CHECK(process.wait(std::chrono::seconds{60}) == ExitStatus{.code = 0});
}
