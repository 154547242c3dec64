#include <tidemark/stores/redis.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include "redis/redis_fixture.hpp"
#include "support/cutting_proxy.hpp"
#include "support/eventually.hpp"
#include "support/free_port.hpp"
#include "support/raw_server.hpp"

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;

namespace {

const std::string canary = "CANARY-pa55w0rd";

/// What goes wrong, and what is said about it.
class Texts {
 public:
  template <class Action>
  void of(const std::string& what, Action&& action) {
    try {
      action();
    } catch (const std::exception& error) {
      texts_.push_back(what + ": " + error.what());
      return;
    }
    FAIL("no error: " << what);
  }
  /// Opens a store and commits.
  void of_opening(const std::string& what, const RedisOffsetStoreOptions& options) {
    of(what, [&] {
      RedisOffsetStore store{options};
      const OffsetRange range = orders(0, 1);
      store.commit({.group = "billing"}, {&range, 1});
    });
  }
  void of_url(const std::string& url) {
    of(url.substr(0, url.find(canary)), [&] { of_opening_now(url); });
  }

  /// Fails for each text that has the canary, or a part of it.
  void must_be_clean() const {
    CHECK(texts_.size() > 10);
    for (const auto& text : texts_) {
      CAPTURE(text);
      CHECK(text.find(canary) == std::string::npos);
      CHECK(text.find("pa55w0rd") == std::string::npos);
    }
  }

 private:
  static void of_opening_now(const std::string& url) {
    auto options = impatient(url);
    options.checkout_timeout = 50ms;
    RedisOffsetStore{options};
  }

  std::vector<std::string> texts_;
};

std::string url_of(std::uint16_t port, const std::string& login = ":" + canary + "@") {
  return "redis://" + login + "127.0.0.1:" + std::to_string(port);
}

}  // namespace

TEST_CASE("a password in the wrong place of a URL is in no error, and reaches no name server", "[redis]") {
  Texts texts;
  for (const auto* form :
       {"redis://host?password=", "redis://host;password=", "redis://host,password=", "redis://host%3fpassword=",
        "redis://host#", "redis://host/0?password=", "redis://host:6379?password=", "redis://[::1]?password=",
        "redis://[::1?password=", "redis://host password=", "redis+cluster://n1,n2?password=", "rediss://host?auth=",
        "redis+sentinel://s1?password=", "redis+sentinel://s1/main?password=", "redis+sentinel://s1/main/0?password=",
        "redis+sentinel://u:1/x@", "unix:///run/redis.sock?password=", "unix:///run/redis.sock?db=1&password="})
    texts.of(form, [&] {
      try {
        redis_options(form + canary);
      } catch (const ConfigError&) {
        throw;  // the only kind that has not looked the host up
      } catch (const std::exception&) {
        FAIL("another error: " << form);
      }
    });
  RedisOffsetStoreOptions options;
  options.addresses = {{"host?password=" + canary, 6379}};
  CHECK_THROWS_AS(RedisOffsetStore{options}, ConfigError);
  texts.of_opening("options", options);
  texts.must_be_clean();
}

TEST_CASE("no error of opening a store has the password in it", "[redis]") {
  Texts texts;
  RedisServer nameless{{.arguments = {"--rename-command", "AUTH", ""}}};
  RedisServer other{{.arguments = {"--requirepass", "another"}}};
  texts.of_url(url_of(nameless.port()));
  texts.of_url(url_of(nameless.port(), "ada:" + canary + "@"));
  texts.of_url(url_of(other.port()));
  texts.of_url(url_of(other.port(), "ada:" + canary + "@"));
  texts.of_url(url_of(RedisServer::shared().port()));
  texts.of_url(url_of(free_port()));
  texts.of_url("redis://:" + canary + "@no-such-host.invalid");
  texts.of_url("unix://:" + canary + "@/no/such/socket");
  texts.of_url("redis+sentinel://:" + canary + "@127.0.0.1:" + std::to_string(free_port()) + "/main");
  texts.of_url("redis+cluster://:" + canary + "@127.0.0.1:" + std::to_string(other.port()));
  texts.of_url("redis://:" + canary + "@127.0.0.1:x");
  texts.of_url("redis://" + canary + "@127.0.0.1");

  // A Sentinel that wants another password, here played by a server.
  auto sentinel = impatient("redis+sentinel://127.0.0.1:" + std::to_string(other.port()) + "/main");
  sentinel.checkout_timeout = 50ms;
  sentinel.sentinel_password = canary;
  texts.of_opening("sentinel_password", sentinel);

  // Servers, or what stands before them, that say what they were sent: as an error, in pieces, or as no reply at all.
  RawServer echoing{[](std::string_view received) {
    std::string flat{received};
    std::ranges::replace_if(
        flat, [](char c) { return c == '\r' || c == '\n'; }, ' ');
    return received.empty() ? std::string{} : "-ERR you said " + flat + "\r\n";
  }};
  texts.of_url(url_of(echoing.port()));
  texts.of_url(url_of(echoing.port(), "ada:" + canary + "@"));
  auto told_sentinel = sentinel;
  told_sentinel.addresses[0].port = echoing.port();
  texts.of_opening("echoing Sentinel", told_sentinel);
  RawServer babbling{[](std::string_view received) { return std::string{received.empty() ? "" : canary}; }};
  texts.of_url(url_of(babbling.port()));
  RawServer silent{[](std::string_view) { return std::string{}; }};
  auto slow = impatient(url_of(silent.port()));
  slow.connect_timeout = 100ms;
  slow.checkout_timeout = 50ms;
  texts.of_opening("no answer", slow);
  texts.must_be_clean();
}

TEST_CASE("no error of a store that is open has the password in it", "[redis]") {
  Texts texts;
  RedisServer server{{.arguments = {"--requirepass", canary}}};
  CuttingProxy proxy{server.port()};
  auto options = impatient(url_of(proxy.port()));
  options.command_timeout = 200ms;
  options.checkout_timeout = 100ms;
  RedisOffsetStore store{options};
  auto probe = server.probe();
  REQUIRE(probe("AUTH", canary).text() == "OK");
  const GroupSession session{.group = "billing"};
  const TopicPartition partition{"orders", 0};
  const auto commit = [&] {
    const OffsetRange range = orders(0, 1);
    if (store.commit(session, {&range, 1})) throw std::runtime_error{"a conflict"};
  };
  const auto transact = [&] {
    const OffsetRange range = orders(0, 1);
    auto transaction = store.begin(session, {&range, 1});
    transaction.command("SET", "a", "x");
    transaction.command("INCR", "a");
    if (transaction.commit()) throw std::runtime_error{"a conflict"};
  };
  const auto all = [&](const std::string& what) {
    texts.of(what + ", load", [&] { store.load(session, {&partition, 1}); });
    texts.of(what + ", commit", commit);
    texts.of(what + ", transaction", transact);
    texts.of(what + ", list", [&] { store.list("billing"); });
  };
  texts.of("a command that fails", transact);
  probe("FLUSHALL");
  probe("SET", "kafka:topic:orders:billing", "a string");
  texts.of("another type", commit);
  texts.of("another type, transaction", transact);
  probe("FLUSHALL");
  probe("CONFIG", "SET", "maxmemory", "1");
  texts.of("a full memory", commit);
  texts.of("a full memory, transaction", transact);
  probe("CONFIG", "SET", "maxmemory", "0");
  probe("REPLICAOF", "127.0.0.1", "1");
  texts.of("a replica", commit);
  texts.of("a replica, transaction", transact);
  probe("REPLICAOF", "NO", "ONE");
  server.freeze();
  all("a frozen server");
  server.thaw();
  REQUIRE(eventually([&] { return !store_error_of([&] { store.load(session, {&partition, 1}); }); }));
  probe("CONFIG", "SET", "requirepass", "changed");
  probe("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
  all("a changed password");
  server.kill();
  all("a dead server");
  texts.must_be_clean();
}
