#include <tidemark/error.hpp>
#include <tidemark/stores/redis/options.hpp>

#include "stores/redis/options_check.hpp"
#include "support/catch.hpp"

using namespace tidemark;
using detail::checked;
using Addresses = std::vector<RedisAddress>;

TEST_CASE("a Redis URL names host, port and database, each but the host with a default", "[unit]") {
  const auto plain = redis_options("redis://localhost");
  CHECK(plain.topology == RedisTopology::standalone);
  CHECK(plain.addresses == Addresses{{"localhost", 6379}});
  CHECK(plain.database == 0);
  CHECK_FALSE(plain.tls.enabled);
  CHECK(redis_options("redis://localhost/").addresses == Addresses{{"localhost", 6379}});
  const auto full = redis_options("rediss://ada:pass@db.example:7000/3");
  CHECK(full.addresses == Addresses{{"db.example", 7000}});
  CHECK(full.user == "ada");
  CHECK(full.password == "pass");
  CHECK(full.database == 3);
  CHECK(full.tls.enabled);
  CHECK(redis_options("redis://[::1]:7000/1").addresses == Addresses{{"::1", 7000}});
  CHECK(redis_options("redis://[fe80::1]").addresses == Addresses{{"fe80::1", 6379}});
}

TEST_CASE("user and password of a Redis URL are percent-decoded, and may hold every byte", "[unit]") {
  const auto options = redis_options("redis://a%40b:p%3A%2F%25%00%C3%A9@h");
  CHECK(options.user == "a@b");
  CHECK(options.password == std::string("p:/%\0é", 7));
  CHECK(redis_options("redis://:secret@h").user.empty());
  CHECK(redis_options("redis://:p@ss@h").password == "p@ss");
}

TEST_CASE("a Redis URL may lead to a Unix socket, to Sentinels, or to a cluster", "[unit]") {
  const auto socket = redis_options("unix://:secret@/run/redis/redis.sock?db=2");
  CHECK(socket.unix_socket == "/run/redis/redis.sock");
  CHECK(socket.password == "secret");
  CHECK(socket.database == 2);
  CHECK(socket.addresses.empty());
  const auto sentinels = redis_options("redis+sentinel://ada:pw@s1,s2:26380,[::1]/mymaster/4");
  CHECK(sentinels.topology == RedisTopology::sentinel);
  CHECK(sentinels.addresses == Addresses{{"s1", 26379}, {"s2", 26380}, {"::1", 26379}});
  CHECK(sentinels.master == "mymaster");
  CHECK(sentinels.database == 4);
  const auto cluster = redis_options("rediss+cluster://n1:7000,n2");
  CHECK(cluster.topology == RedisTopology::cluster);
  CHECK(cluster.addresses == Addresses{{"n1", 7000}, {"n2", 6379}});
  CHECK(cluster.tls.enabled);
}

TEST_CASE("a Redis URL that makes no sense is refused, without a word of what was in it", "[unit]") {
  const std::string url = GENERATE(
      as<std::string>{}, "", "canary", "canary://h", "redis:/canary", "redis://", "redis:///1", "redis://:canary@",
      "redis://canary@h", "redis://u:@canary", "redis://canary:0", "redis://canary:99999", "redis://h:canary",
      "redis://h/canary", "redis://h/-1", "redis://canary,h2", "redis://:canary%@h", "redis://:canary%4@h",
      "redis://:canary%zz@h", "redis://[canary", "redis://[::1]canary", "unix://canary", "unix:///canary?x=1",
      "unix:///canary?db=x", "redis+sentinel://canary", "redis+sentinel://canary/", "redis+cluster://canary/1",
      "redis+canary://h", "rediscanary://h", "redis://canary,", "http+cluster://canary");
  CAPTURE(url);
  try {
    redis_options(url);
    FAIL("accepted");
  } catch (const ConfigError& error) {
    CHECK_THAT(error.what(), !test::containing("canary"));
  }
}

TEST_CASE("Redis options that cannot work are refused and named", "[unit]") {
  using namespace std::chrono_literals;
  const auto refused = [](const char* url, auto change) -> std::string {
    auto options = redis_options(url);
    change(options);
    try {
      checked(options);
    } catch (const ConfigError& error) {
      return error.what();
    }
    return "accepted";
  };
  using Options = RedisOffsetStoreOptions;
  CHECK(refused("redis://h", [](Options&) {}) == "accepted");
  CHECK(refused("unix:///s", [](Options&) {}) == "accepted");
  CHECK(refused("redis+sentinel://h/m", [](Options&) {}) == "accepted");
  const auto expect = [&](const char* name, auto change, const char* url = "redis://h") {
    CHECK_THAT(refused(url, change), test::containing(std::string{"RedisOffsetStoreOptions::"} + name));
  };
  expect("addresses", [](Options& options) { options.addresses.clear(); });
  expect("addresses", [](Options& options) { options.unix_socket = "/s"; });
  expect("addresses", [](Options& options) { options.addresses.push_back({"h2"}); });
  expect("addresses", [](Options& options) { options.addresses[0].host.clear(); });
  expect(
      "unix_socket", [](Options& options) { options.topology = RedisTopology::cluster; }, "unix:///s");
  expect("master", [](Options& options) { options.master = "m"; });
  expect("master", [](Options& options) { options.topology = RedisTopology::sentinel; });
  expect("user", [](Options& options) { options.user = "ada"; });
  expect("sentinel_user", [](Options& options) { options.sentinel_user = "ada"; });
  expect("database", [](Options& options) { options.database = -1; });
  expect(
      "database", [](Options& options) { options.database = 1; }, "redis+cluster://h");
  expect("client_name", [](Options& options) { options.client_name = "a b"; });
  expect("client_name", [](Options& options) { options.client_name = "a\r\nFLUSHALL"; });
  expect("connect_timeout", [](Options& options) { options.connect_timeout = 0ms; });
  expect("command_timeout", [](Options& options) { options.command_timeout = -1ms; });
  expect("checkout_timeout", [](Options& options) { options.checkout_timeout = -1ms; });
  expect("idle_check_after", [](Options& options) { options.idle_check_after = -1ms; });
  expect("max_connections", [](Options& options) { options.max_connections = 0; });
  expect("wait_replicas", [](Options& options) { options.wait_replicas = -1; });
  expect("tls", [](Options& options) { options.tls.ca_file = "ca.pem"; });
  expect("wait_timeout", [](Options& options) {
    options.wait_replicas = 1;
    options.wait_timeout = 0ms;
  });
}
