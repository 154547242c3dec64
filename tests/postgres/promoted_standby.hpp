#pragma once

#include <csignal>
#include <iostream>
#include <memory>
#include <string>

#include "support/catch.hpp"
#include "support/cutting_proxy.hpp"
#include "support/eventually.hpp"
#include "support/kafka_admin.hpp"
#include "support/kafka_server.hpp"
#include "support/postgres_server.hpp"
#include "support/process.hpp"
#include "support/test_producer.hpp"
#include "support/unique_name.hpp"

namespace tidemark::test {

/// Records flow from Kafka into a PostgreSQL primary. Its asynchronous standby is cut off, so that it lags; then the primary dies at once, and the
/// standby takes its place, which takes the last commits back. `rounds` times, each with a new standby.
inline void promote_standbys(int rounds) {
  constexpr int partitions = 4;
  constexpr int at_once = 10'000;
  const auto brokers = KafkaServer::shared().brokers();
  const auto topic = unique_name("promoted");
  KafkaAdmin{brokers}.create_topic(topic, partitions);
  TestProducer producer{brokers, {{"linger.ms", "5"}}};
  int produced = 0;
  const auto produce = [&] {
    for (int i = 0; i < at_once; ++i, ++produced)
      producer.produce(topic, produced % partitions, "key", std::to_string(produced));
    producer.flush();
  };
  auto primary = std::make_unique<PostgresServer>();
  primary->probe()("create table seen(partition int, number bigint)");
  primary->probe()("create table counts(partition int primary key, records bigint)");
  CuttingProxy to_primary{primary->port()};  // the consumer's way, which leads to whoever is the primary
  const auto seen = [&] { return std::stoll(primary->probe()("select coalesce(sum(records), 0) from counts")); };
  Process consumer{
      {.command = {TIDEMARK_POSTGRES_CONSUMER, brokers, topic, topic, PostgresServer::connection(to_primary.port())},
       .environment = {},
       .working_folder = {},
       .output_file = {}}};
  std::int64_t taken_back = 0;
  for (int round = 0; round < rounds; ++round) {
    CuttingProxy replication{primary->port()};
    auto standby = std::make_unique<PostgresServer>(
        PostgresServer::Options{.copy_of = PostgresServer::connection(replication.port())});
    const auto before = seen();
    produce();
    INFO(consumer.output());
    REQUIRE(eventually([&] { return seen() >= before + at_once / 4; }));
    // One that has nothing of a partition is another matter: its offset is stored anew, without the results of before.
    REQUIRE(eventually([&] {
      return standby->probe()("select count(*) from pg_class where relname = 'tidemark_offsets'") == "1" &&
             standby->probe()("select count(*) from tidemark_offsets") == std::to_string(partitions);
    }));
    replication.arm(CuttingProxy::Cut{CuttingProxy::Direction::reply, 0, CuttingProxy::Fault::stall});
    const auto lagging_from = seen();
    produce();
    REQUIRE(eventually([&] { return seen() >= lagging_from + at_once / 4; }));
    const auto on_primary = seen();  // at least
    primary->stop_immediately();
    REQUIRE(standby->probe()("select pg_promote()") == "t");
    const auto agree = standby->probe()(
        "select count(*) from tidemark_offsets as o full join counts as c using (partition) where o.next_offset is "
        "distinct from c.records");
    CHECK(agree == "0");
    const auto on_standby = std::stoll(standby->probe()("select coalesce(sum(records), 0) from counts"));
    CHECK(on_standby < on_primary);  // else the round proves nothing
    taken_back += on_primary - on_standby;
    to_primary.lead_to(standby->port());
    primary = std::move(standby);
    const bool complete =
        eventually([&] { return seen() == produced || !consumer.running(); }, std::chrono::seconds{60});
    INFO(consumer.output());
    INFO(primary->log());
    INFO(primary->probe()(
        "select partition, next_offset, records from tidemark_offsets full join counts using (partition) order by 1"));
    REQUIRE(complete);
    REQUIRE(consumer.running());
  }
  const auto all = std::to_string(produced);
  CHECK(primary->probe()("select count(*), count(distinct number), max(number) from seen") ==
        all + "|" + all + "|" + std::to_string(produced - 1));
  // The consumer said where it was taken back.
  CHECK(consumer.output().find("conflict ") != std::string::npos);
  consumer.kill();
  std::cout << "postgres-promoted: " << rounds << " standbys, " << taken_back << " records taken back and repeated"
            << std::endl;
}

}  // namespace tidemark::test
