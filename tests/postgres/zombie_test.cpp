#include <chrono>
#include <csignal>
#include <iostream>
#include <string>

#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/kafka_admin.hpp"
#include "support/kafka_server.hpp"
#include "support/postgres_server.hpp"
#include "support/process.hpp"
#include "support/test_producer.hpp"
#include "support/unique_name.hpp"

using namespace tidemark;
using namespace tidemark::test;

namespace {

constexpr int records = 1'000;
constexpr std::chrono::seconds idle_in_transaction_timeout{2};  // the consumer's

}  // namespace

TEST_CASE("a zombie that is frozen in its handler holds up nobody for long, and its results are never seen",
          "[postgres]") {
  PostgresServer& server = PostgresServer::shared();
  const auto database = server.make_database();
  auto probe = server.probe(database);
  probe("create table seen(partition int, number bigint)");
  probe("create table counts(partition int primary key, records bigint)");
  const auto brokers = KafkaServer::shared().brokers();
  const auto topic = unique_name("zombie");
  KafkaAdmin{brokers}.create_topic(topic, 1);
  TestProducer producer{brokers};
  for (int i = 0; i < records; ++i) producer.produce(topic, 0, "key", std::to_string(i));
  producer.flush();
  Process::Options start{.command = {TIDEMARK_POSTGRES_CONSUMER, brokers, topic, topic, server.connection(database)},
                         .environment = {},
                         .working_folder = {},
                         .output_file = {}};
  const auto has_said = [](const Process& process, const std::string& word) {
    return process.output().find(word) != std::string::npos;
  };
  const auto count = [&] { return probe("select coalesce(sum(records), 0) from counts"); };

  auto freezing = start;
  freezing.command.emplace_back("freeze");
  Process zombie{freezing};
  REQUIRE(eventually([&] { return has_said(zombie, "frozen"); }));

  // Its row of `counts` is locked, and the new owner, of the same group.instance.id, wants the same one.
  Process owner{start};
  REQUIRE(eventually([&] { return has_said(owner, "handling"); }));
  const auto began = std::chrono::steady_clock::now();
  REQUIRE(eventually([&] { return count() != "0"; }));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  std::cout << "postgres-zombie: the new owner waited " << took.count() << " s" << std::endl;
  INFO(owner.output());
  CHECK(took < idle_in_transaction_timeout + std::chrono::seconds{1});

  zombie.thaw();
  REQUIRE(eventually([&] { return count() == std::to_string(records); }));
  REQUIRE(zombie.wait(std::chrono::seconds{60}));  // it is fenced
  CHECK(has_said(zombie, "wrong"));
  CHECK(owner.running());
  owner.send(SIGKILL);
  CHECK(probe("select count(*), count(distinct number) from seen") == "1000|1000");
  CHECK(count() == std::to_string(records));
  CHECK(probe("select next_offset from tidemark_offsets") == std::to_string(records));
}
