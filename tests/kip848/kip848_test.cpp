// What only a newer librdkafka can: the group protocol of KIP-848, and cooperative rebalancing with offsets in Kafka. Built with the old one
// and run with the new one, as users do; tests/run.sh librdkafka-new says how.

#include <memory>

#include <librdkafka/rdkafka.h>

#include <tidemark/stores/kafka.hpp>

#include "integration/members.hpp"

using namespace std::chrono_literals;
using namespace tidemark;
using namespace tidemark::test;

namespace {

/// A broker that hears of its members often.
KafkaServer& broker() {
  static KafkaServer server{{{"group.coordinator.rebalance.protocols", "classic,consumer"},
                             {"group.consumer.min.heartbeat.interval.ms", "100"},
                             {"group.consumer.heartbeat.interval.ms", "300"},
                             {"group.consumer.min.session.timeout.ms", "1000"},
                             {"group.consumer.session.timeout.ms", "6000"}}};
  return server;
}

struct NewFixture : KafkaFixture {
  NewFixture() : KafkaFixture{broker().brokers(), member_partitions} {
    REQUIRE(rd_kafka_version() >= 0x020c0000);  // of the one that was loaded
  }

  ConsumerOptions options() const {
    auto options = KafkaFixture::options();
    options.kafka.erase("session.timeout.ms");  // the broker's matter now
    options.kafka.erase("heartbeat.interval.ms");
    options.kafka["group.protocol"] = "consumer";
    return options;
  }
};

}  // namespace

TEST_CASE("under KIP-848 members that come and go handle each record once", "[kip848]") {
  NewFixture kafka;
  auto options = kafka.options();
  SECTION("uniform") { options.kafka["group.remote.assignor"] = "uniform"; }
  SECTION("range") { options.kafka["group.remote.assignor"] = "range"; }
  join_and_leave(kafka, options, kafka.store, true);
}

TEST_CASE("under KIP-848 members that come and go handle each record once, with offsets in Kafka", "[kip848]") {
  NewFixture kafka;
  KafkaOffsetStore store{{.brokers = kafka.brokers}};
  join_and_leave(kafka, kafka.options(), store);
}

TEST_CASE("with offsets in Kafka cooperative members that come and go handle each record once", "[kip848]") {
  NewFixture kafka;
  auto options = kafka.KafkaFixture::options();
  options.kafka["partition.assignment.strategy"] = "cooperative-sticky";
  KafkaOffsetStore store{{.brokers = kafka.brokers}};
  join_and_leave(kafka, options, store);
}

TEST_CASE("under KIP-848 a static member that restarts within the session time-out moves no partition", "[kip848]") {
  NewFixture kafka;
  const auto options = [&](const std::string& name) {
    auto its = kafka.options();
    its.kafka["group.instance.id"] = name;
    return its;
  };
  RunningConsumer stays{options("stays"), kafka.store};
  auto restarts = std::make_unique<RunningConsumer>(options("restarts"), kafka.store);
  stays.await("both with their share",
              [&] { return stays.progress().size() == 3 && restarts->progress().size() == 3; });
  const auto before = restarts->progress();
  const auto revoked = stays.journal().count(RebalanceEvent::Kind::revoked);
  restarts->stop();
  restarts = std::make_unique<RunningConsumer>(options("restarts"), kafka.store);
  restarts->await("its partitions back", [&] { return restarts->progress().size() == 3; });
  CHECK(restarts->progress() == before);
  CHECK(stays.journal().count(RebalanceEvent::Kind::revoked) == revoked);
  CHECK(stays.progress().size() == 3);
  restarts->stop();
  stays.stop();
}

TEST_CASE("under KIP-848 a batch in hand is finished and committed before its partitions go", "[kip848]") {
  NewFixture kafka;
  Writer writer{kafka};
  writer.write(200);
  std::atomic<int> held = 0;
  RunningConsumer first{kafka.options(), kafka.store, [&](const Batch<>& batch) {
                          if (batch[0].offset() < 100 || held++ > 0) return;
                          const auto token = batch.stop_token();
                          static_cast<void>(eventually([&] { return token.stop_requested(); }, 10s));
                        }};
  first.await("a batch in hand", [&] { return held > 0; });
  RunningConsumer second{kafka.options(), kafka.store};
  second.await("its share", [&] { return second.progress().size() == 3; });
  writer.write(50);
  second.await("everything handled", [&] {
    return first.journal().count() + second.journal().count() ==
           static_cast<std::size_t>(writer.written()) * member_partitions;
  });
  first.await_no_lag(3);
  second.await_no_lag(3);
  first.stop();
  second.stop();
  CHECK(first.journal().conflicts().empty());
  CHECK(second.journal().conflicts().empty());
}
