#include "core/broker_troubles.hpp"

#include <algorithm>
#include <string>

#include "support/catch.hpp"

using namespace tidemark;
using namespace tidemark::test;

TEST_CASE("the last trouble of each broker that the cluster advertises is kept", "[unit]") {
  core::BrokerTroubles troubles;
  troubles.on_trouble("_RESOLVE: kafka:9092/1: Failed to resolve 'kafka:9092': Name or service not known");
  troubles.on_trouble("_TRANSPORT: ssl://kafka:9093/2: Connect to ipv4#10.0.0.2:9093 failed: Connection refused");
  troubles.on_trouble("_TRANSPORT: GroupCoordinator: Connect to ipv4#10.0.0.3:9092 failed: Connection refused");
  troubles.on_trouble("_RESOLVE: kafka:9092/1: Failed to resolve 'kafka:9092': Temporary failure");
  const auto told = troubles.with_advertised();
  CHECK_THAT(told, containing("Temporary failure"));
  CHECK_THAT(told, !containing("not known"));
  CHECK_THAT(told, containing("ssl://kafka:9093/2: Connect"));
  CHECK_THAT(told, containing("GroupCoordinator: Connect to ipv4#10.0.0.3:9092 failed"));
}

TEST_CASE("trouble at a bootstrap address, or with no broker at all, is no trouble with an advertised one", "[unit]") {
  core::BrokerTroubles troubles;
  for (const auto* text : {"_TRANSPORT: localhost:9092/bootstrap: Connect to ipv4#127.0.0.1:9092 failed",
                           "_ALL_BROKERS_DOWN: 1/1 brokers are down", "_FAIL", "", "_FAIL: ", "_FAIL: : x",
                           "_FAIL: orders/1: what is no address", "_FAIL: kafka:9092/1"}) {
    troubles.on_trouble(text);
    CHECK(troubles.with_advertised().empty());
    CHECK(troubles.last() == text);
  }
}

TEST_CASE("a cluster of many brokers does not make the text of its troubles long", "[unit]") {
  core::BrokerTroubles troubles;
  for (int i = 0; i < 100; ++i)
    troubles.on_trouble("_TRANSPORT: kafka:9092/" + std::to_string(i) + ": Connect failed " + std::string(1000, 'x'));
  CHECK(troubles.with_advertised().size() < 2000);
}
