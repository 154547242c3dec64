#include <tidemark/stores/redis.hpp>

#include <signal.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "redis/redis_fixture.hpp"
#include "support/eventually.hpp"
#include "support/free_port.hpp"
#include "support/raw_server.hpp"

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;

namespace {

std::string client_list(RedisProbe& probe) { return std::string{probe("CLIENT", "LIST", "TYPE", "normal").text()}; }

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

}  // namespace

TEST_CASE("where no server listens the constructor says so at once", "[redis]") {
  const auto port = std::to_string(free_port());
  const auto* scheme = GENERATE("redis://", "redis+sentinel://", "redis+cluster://");
  auto options = redis_options(scheme + ("127.0.0.1:" + port) + (scheme[6] == 's' ? "/orders" : ""));
  options.checkout_timeout = 60s;
  const auto began = std::chrono::steady_clock::now();
  const auto error = store_error_of([&] { RedisOffsetStore{options}; });
  CHECK(std::chrono::steady_clock::now() - began < 20s);
  CHECK(says(error, "cannot connect", "refused"));
  CHECK(error->is_retryable());
}

TEST_CASE("a host that does not exist is an error that names it", "[redis]") {
  auto options = impatient("redis://no-such-host.invalid");
  options.checkout_timeout = 100ms;
  CHECK(says(store_error_of([&] { RedisOffsetStore{options}; }), "no-such-host.invalid"));
}

TEST_CASE("a server that does not answer is given up after command_timeout", "[redis]") {
  RedisServer server;
  auto options = impatient(server.port());
  // Long enough for the commits before and after on a machine that is busy.
  options.command_timeout = 1s;
  options.connect_timeout = 1s;
  options.checkout_timeout = 1s;
  RedisFixture fixture{server, options};
  REQUIRE_FALSE(fixture.commit(orders(0, 1)));
  server.freeze();
  const auto began = std::chrono::steady_clock::now();
  const auto error = store_error_of([&] { fixture.commit(orders(1, 2)); });
  CHECK(std::chrono::steady_clock::now() - began < 10s);
  CHECK(says(error, "no reply within 1000 ms", "command_timeout"));
  CHECK(error->is_retryable());
  server.thaw();
  // The frozen server had the commit in its buffer, and has carried it out by now, or will not: either way it is there once.
  CHECK_FALSE(fixture.commit(orders(1, 2)));
  CHECK(fixture.next() == 2);
}

TEST_CASE("a server that was restarted is found again, and serves once it has read its data", "[redis]") {
  // Its data takes a while to load.
  RedisServer server{{.arguments = {"--aof-use-rdb-preamble", "no", "--key-load-delay", "100",
                                    "--loading-process-events-interval-bytes", "1024"}}};
  auto options = impatient(server.port());
  options.checkout_timeout = 10s;
  RedisFixture fixture{server, options};
  REQUIRE_FALSE(fixture.commit(orders(0, 1)));
  fixture.probe("EVAL", "for i = 1, 30000 do redis.call('SET', 'k' .. i, i) end", "0");
  server.kill();
  std::thread later{[&] { server.start(); }};
  std::optional<StoreError> error;
  std::optional<std::int64_t> found;
  CHECK(eventually([&] {
    error = store_error_of([&] { found = fixture.next(); });  // tries to connect until it is up
    return !says(error, "LOADING");  // which it is before it has read its data: that is told, see refusals_test.cpp
  }));
  CHECK_FALSE(error);
  CHECK(found == 1);
  later.join();
  REQUIRE_FALSE(fixture.commit(orders(1, 2)));
}

TEST_CASE("a write to a broken connection raises no SIGPIPE, and signal handlers stay as they were", "[redis]") {
  static volatile std::sig_atomic_t raised = 0;
  raised = 0;
  struct sigaction mine {};
  mine.sa_handler = [](int) { raised = 1; };
  struct sigaction before {};
  ::sigaction(SIGPIPE, &mine, &before);
  {
    RedisServer server;
    RedisFixture fixture{server};
    REQUIRE_FALSE(fixture.commit(orders(0, 1)));
    std::vector<OffsetRange> many;
    for (int p = 0; p < 10'000; ++p) many.push_back(orders(0, 1, p));
    for (int i = 0; i < 20; ++i) {
      std::thread killer{[&] { server.kill(); }};
      store_error_of([&] { fixture.commit(many); });
      killer.join();
      server.start();
      store_error_of([&] { fixture.next(); });
    }
  }
  struct sigaction now {};
  ::sigaction(SIGPIPE, &before, &now);
  CHECK(raised == 0);
  CHECK(now.sa_handler == mine.sa_handler);
}

TEST_CASE("a signal that interrupts a call does it no harm", "[redis]") {
  static volatile std::sig_atomic_t count = 0;
  struct sigaction mine {};
  mine.sa_handler = [](int) { count = count + 1; };  // without SA_RESTART
  struct sigaction before {};
  ::sigaction(SIGUSR2, &mine, &before);
  RedisFixture fixture;
  const auto self = ::pthread_self();
  std::atomic<bool> over{false};
  std::thread nuisance{[&] {
    while (!over) {
      ::pthread_kill(self, SIGUSR2);
      std::this_thread::yield();
    }
  }};
  for (int i = 0; i < 300; ++i) CHECK_FALSE(fixture.commit(orders(i, i + 1)));
  CHECK(eventually([&] { return count > 0; }));
  over = true;
  nuisance.join();
  ::sigaction(SIGUSR2, &before, nullptr);
}

TEST_CASE("a server that sends elements without end is left, not collected", "[redis]") {
  bool floods = false;  // the only connection's
  const std::string many = [] {
    std::string text;
    for (int i = 0; i < 50'000; ++i) text += ":1\r\n";
    return text;
  }();
  RawServer server{[&](std::string_view received) -> std::string {
    if (floods) return many;
    if (received.empty()) return {};
    floods = received.find("HMGET") != std::string_view::npos;
    if (floods) return "*2000000000\r\n";
    std::string answer;
    for (const char c : received)
      if (c == '*') answer += "+OK\r\n";
    return answer;
  }};
  auto options = impatient(server.port());
  options.max_connections = 1;
  options.command_timeout = 20s;
  RedisOffsetStore store{options};
  const TopicPartition partition{"orders", 0};
  const auto error = store_error_of([&] { store.load({.group = "billing"}, {&partition, 1}); });
  CHECK(says(error, "more than 1000000 elements"));
}

TEST_CASE("a Unix socket, a database and a name are what they are set to", "[redis]") {
  auto& server = RedisServer::shared();
  auto probe = server.probe();
  probe("FLUSHALL");
  auto options = redis_options("unix://" + server.unix_socket() + "?db=3");
  options.client_name = "billing-7";
  RedisOffsetStore store{options};
  const OffsetRange range = orders(0, 5);
  REQUIRE_FALSE(store.commit({.group = "billing"}, {&range, 1}));
  probe("SELECT", "3");
  CHECK(probe.hash("kafka:topic:orders:billing") == "0=5");
  CHECK(count_of(client_list(probe), "name=billing-7 ") == 1);
}

TEST_CASE("threads share connections, never more than max_connections, and keep max_idle_connections", "[redis]") {
  RedisServer server;
  auto options = impatient(server.port());
  options.max_connections = 4;
  options.max_idle_connections = 2;
  options.checkout_timeout = 20s;
  RedisFixture fixture{server, options};
  constexpr int threads = 12;
  std::vector<std::thread> workers;
  std::vector<std::string> failures(threads);
  for (int w = 0; w < threads; ++w)
    workers.emplace_back([&, w] {
      try {
        for (int i = 0; i < 100; ++i) {
          const auto range = orders(i, i + 1, w);
          if (fixture.store->commit(fixture.session, {&range, 1})) throw std::runtime_error{"conflict"};
        }
      } catch (const std::exception& error) {
        failures[static_cast<std::size_t>(w)] = error.what();
      }
    });
  std::size_t most = 0;
  bool is_over = false;
  while (!is_over) {
    most = std::max(most, count_of(client_list(fixture.probe), "name=tidemark"));
    is_over = fixture.probe.hash(fixture.key).find("11=100") != std::string::npos;
  }
  for (auto& worker : workers) worker.join();
  for (const auto& failure : failures) CHECK(failure.empty());
  CHECK(most > 0);
  CHECK(most <= 4);
  CHECK(eventually([&] { return count_of(client_list(fixture.probe), "name=tidemark") <= 2; }));
}

TEST_CASE("who finds all connections in use waits for checkout_timeout, and is told which option to raise", "[redis]") {
  RedisServer server;
  auto options = impatient(server.port());
  options.max_connections = 1;
  options.checkout_timeout = 50ms;
  options.command_timeout = 3s;
  RedisFixture fixture{server, options};
  server.freeze();
  std::atomic<bool> is_over{false};
  std::thread occupant{[&] {
    while (!is_over) store_error_of([&] { fixture.next(); });
  }};
  std::optional<StoreError> error;
  CHECK(eventually([&] {
    error = store_error_of([&] { fixture.next(1); });
    return says(error, "max_connections");
  }));
  is_over = true;
  server.thaw();
  occupant.join();
  REQUIRE(error);
  CHECK(error->is_retryable());
}

TEST_CASE("an idle connection is tried out before it is used", "[redis]") {
  RedisServer server;
  auto options = impatient(server.port());
  options.idle_check_after = 0ms;
  RedisFixture fixture{server, options};
  fixture.probe("CONFIG", "RESETSTAT");
  for (int i = 0; i < 5; ++i) fixture.next();
  CHECK(fixture.probe.info("commandstats", "cmdstat_ping").starts_with("calls=5,"));
  // One that the server has closed meanwhile is noticed without that.
  fixture.probe("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
  CHECK(fixture.next() == std::nullopt);
}

TEST_CASE("durability is what the server's configuration says", "[redis]") {
  RedisServer server;
  auto options = impatient(server.port());
  options.require_durable = true;
  CHECK(RedisOffsetStore{options}.durability().is_durable());
  struct Setting {
    const char* name;
    const char* value;
  };
  for (const auto& [name, value] :
       {Setting{"appendfsync", "everysec"}, Setting{"maxmemory-policy", "allkeys-lru"}, Setting{"appendonly", "no"}}) {
    server.probe()("CONFIG", "SET", name, value);
    const auto error = store_error_of([&] { RedisOffsetStore{options}; });
    CHECK(says(error, "require_durable", value));
    CHECK_FALSE(error->is_retryable());
    CHECK_FALSE(RedisOffsetStore{impatient(server.port())}.durability().is_durable());
    server.kill();
    server.start();
  }
}

TEST_CASE("WAIT counts the replicas that have a commit, and a shortfall is reported", "[redis]") {
  RedisServer master;
  auto options = impatient(master.port());
  options.wait_replicas = 1;
  options.wait_timeout = 2s;
  RedisFixture fixture{master, options};
  options.wait_timeout = 20ms;
  RedisOffsetStore hasty{options};
  {
    RedisServer replica{{.arguments = {"--replicaof", "127.0.0.1", std::to_string(master.port())}}};
    REQUIRE(eventually(
        [&] { return fixture.probe.info("replication", "slave0").find("state=online") != std::string::npos; }));
    REQUIRE_FALSE(fixture.commit(orders(0, 1)));
    CHECK(replica.probe().hash(fixture.key) == "0=1");
    replica.freeze();
    const OffsetRange range = orders(1, 2);
    const auto error = store_error_of([&] { hasty.commit(fixture.session, {&range, 1}); });
    CHECK(says(error, "only 0 of 1 replicas", "wait_timeout"));
    CHECK(error->is_retryable());
    CHECK(fixture.next() == 2);
    replica.thaw();
    CHECK(fixture.commit(orders(5, 6)) == Conflict{{"orders", 0}, 2});
    auto transaction = fixture.begin(orders(2, 3));
    transaction.command("INCR", "count");
    REQUIRE_FALSE(transaction.commit());
    CHECK(replica.probe()("GET", "count").text() == "1");
  }
}
