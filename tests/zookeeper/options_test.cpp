#include <tidemark/error.hpp>

#include "support/catch.hpp"
#include "zookeeper/zookeeper_fixture.hpp"

using namespace std::chrono_literals;
using namespace tidemark;
using namespace tidemark::test;

namespace {

std::string refusal_of(const ZooKeeperOffsetStoreOptions& options) {
  try {
    ZooKeeperOffsetStore{options};
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "none";
}

bool names(const std::string& text, const std::string& option) {
  return text.starts_with("ZooKeeperOffsetStoreOptions::" + option);
}

}  // namespace

TEST_CASE("a connect string names servers and a chroot", "[zookeeper]") {
  const auto plain = zookeeper_options("zk1");
  CHECK(plain.servers == "zk1:2181");
  CHECK(plain.chroot.empty());
  const auto full = zookeeper_options("zk1:2182,zk2,[::1]:2183,[fe80::1],10.0.0.1:1/kafka/eu");
  CHECK(full.servers == "zk1:2182,zk2:2181,[::1]:2183,[fe80::1]:2181,10.0.0.1:1");
  CHECK(full.chroot == "/kafka/eu");
  CHECK(zookeeper_options("zk1/").chroot.empty());
}

TEST_CASE("a connect string that is none is refused", "[zookeeper]") {
  const auto text =
      GENERATE(as<std::string>{}, "", "/kafka", ",", "zk1,", "zk1:", "zk1:0", "zk1:65536", "zk1:2181x", "zk 1", "::1",
               "[::1", "[]:1", "zk1:1:2", "redis://zk1", "zk1//kafka", "zk1/kafka/", "zk1/../x", "zk1/a\nb");
  CAPTURE(text);
  CHECK_THROWS_AS(zookeeper_options(text), ConfigError);
}

TEST_CASE("options that cannot work are refused by name", "[zookeeper]") {
  const auto good = zookeeper_options("127.0.0.1");
  const auto with = [&](auto change) {
    auto options = good;
    change(options);
    return refusal_of(options);
  };
  CHECK(names(with([](auto& o) { o.servers.clear(); }), "servers"));
  CHECK(names(with([](auto& o) { o.chroot = "kafka"; }), "chroot"));
  CHECK(names(with([](auto& o) { o.user = "ada"; }), "user"));
  CHECK(names(with([](auto& o) { o.password = "secret"; }), "user"));
  CHECK(names(with([](auto& o) {
                o.user = "a:b";
                o.password = "secret";
              }),
              "user"));
  CHECK(names(with([](auto& o) { o.world_may_read = true; }), "world_may_read"));
  CHECK(names(with([](auto& o) { o.session_timeout = 0ms; }), "session_timeout"));
  CHECK(names(with([](auto& o) { o.call_timeout = 0ms; }), "call_timeout"));
  CHECK(names(with([](auto& o) { o.max_request_bytes = 100; }), "max_request_bytes"));
}

TEST_CASE("parents are made below a chroot that is not there yet", "[zookeeper]") {
  ZooKeeperFixture fixture;
  fixture.probe.remove_all("/new");
  ZooKeeperOffsetStore store{zookeeper_options(fixture.server.servers() + "/new/base")};
  const auto range = orders(0, 10);
  REQUIRE_FALSE(store.commit(fixture.session, {&range, 1}));
  CHECK(fixture.probe.get("/new/base/consumers/billing/offsets/orders/0") == "10");
  CHECK(fixture.next() == std::nullopt);
}
