#include <tidemark/stores/redis.hpp>

#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "redis/redis_fixture.hpp"
#include "support/cutting_proxy.hpp"
#include "support/eventually.hpp"

using namespace tidemark;
using namespace tidemark::test;

namespace {

using Arguments = std::vector<std::string>;

/// A server that is made to refuse: the commit fails with `words`, retryable or not, changes nothing, and goes through afterwards.
struct Refusing {
  explicit Refusing(Arguments arguments = {}) : server{{.arguments = std::move(arguments)}}, fixture{server} {
    REQUIRE_FALSE(fixture.commit(orders(0, 1)));
    fixture.begin(orders(1, 2));  // the first one asks the server what commands it has
  }
  void must_fail(const char* word, bool retryable) {
    auto transaction = fixture.begin(orders(1, 2));
    transaction.command("SET", "big", std::string(10'000, 'x'));
    for (const auto& error :
         {store_error_of([&] { fixture.commit(orders(1, 2)); }), store_error_of([&] { transaction.commit(); })}) {
      CAPTURE(word);
      CHECK(says(error, word));
      REQUIRE(error);
      CHECK(error->is_retryable() == retryable);
    }
  }
  void must_work() {
    CHECK(fixture.probe.hash(fixture.key) == "0=1");
    CHECK(fixture.probe("EXISTS", "big").integer() == 0);
    REQUIRE_FALSE(fixture.commit(orders(1, 2)));
    CHECK(fixture.next() == 2);
  }

  RedisServer server;
  RedisFixture fixture;
};

}  // namespace

TEST_CASE("a full memory refuses a commit whole, and is waited for", "[redis]") {
  Refusing redis;
  redis.fixture.probe("CONFIG", "SET", "maxmemory", "1");
  redis.must_fail("OOM", true);
  redis.fixture.probe("CONFIG", "SET", "maxmemory", "0");
  redis.must_work();
}

TEST_CASE("too few replicas refuse a commit whole, and are waited for", "[redis]") {
  Refusing redis;
  redis.fixture.probe("CONFIG", "SET", "min-replicas-to-write", "1");
  redis.must_fail("NOREPLICAS", true);
  redis.fixture.probe("CONFIG", "SET", "min-replicas-to-write", "0");
  redis.must_work();
}

TEST_CASE("a disk that takes no snapshot refuses a commit whole, and is waited for", "[redis]") {
  Refusing redis;
  auto& probe = redis.fixture.probe;
  probe("CONFIG", "SET", "appendonly", "no");
  probe("CONFIG", "SET", "save", "3600 1000000");
  std::filesystem::create_directory(redis.server.folder() / "dump.rdb");  // nothing can be renamed to that
  probe("BGSAVE");
  REQUIRE(eventually([&] { return probe.info("persistence", "rdb_last_bgsave_status") == "err"; }));
  redis.must_fail("MISCONF", true);
  probe("CONFIG", "SET", "stop-writes-on-bgsave-error", "no");
  redis.must_work();
}

TEST_CASE("a read-only replica refuses a commit whole, and the master is looked for anew", "[redis]") {
  Refusing redis;
  RedisServer master;
  redis.fixture.probe("REPLICAOF", "127.0.0.1", std::to_string(master.port()));
  auto transaction = redis.fixture.begin(orders(1, 2));
  transaction.command("INCR", "count");
  for (const auto& error :
       {store_error_of([&] { redis.fixture.commit(orders(1, 2)); }), store_error_of([&] { transaction.commit(); })}) {
    CHECK(says(error, "READONLY"));
    CHECK(error->is_retryable());
  }
  redis.fixture.probe("REPLICAOF", "NO", "ONE");
  REQUIRE_FALSE(redis.fixture.commit(orders(1, 2)));
}

TEST_CASE("behind one address a demoted master is left at the next attempt, by a transaction as by a commit",
          "[redis]") {
  RedisServer former;
  RedisServer next{{.arguments = {"--replicaof", "127.0.0.1", std::to_string(former.port())}}};
  CuttingProxy address{former.port()};
  RedisFixture fixture{former, impatient(address.port())};
  REQUIRE_FALSE(fixture.commit(orders(0, 1)));
  auto next_probe = next.probe();
  REQUIRE(eventually([&] { return next_probe.hash(fixture.key) == "0=1"; }));
  const auto attempt = [&](const OffsetRange& range, bool in_transaction) {
    return store_error_of([&] {
      auto transaction = fixture.begin(range);
      transaction.command("INCR", "count");
      const auto conflict = in_transaction ? transaction.commit() : fixture.commit(range);
      REQUIRE_FALSE(conflict);
    });
  };
  attempt(orders(1, 2), true);
  REQUIRE(eventually([&] { return next_probe.hash(fixture.key) == "0=2"; }));
  const bool in_transaction = GENERATE(false, true);
  next_probe("REPLICAOF", "NO", "ONE");
  fixture.probe("REPLICAOF", "127.0.0.1", std::to_string(next.port()));
  address.lead_to(next.port());
  const auto refused = attempt(orders(2, 3), in_transaction);
  CHECK(says(refused, "READONLY"));
  REQUIRE(refused);
  CHECK(refused->is_retryable());
  CHECK_FALSE(attempt(orders(2, 3), in_transaction));
  CHECK(next_probe.hash(fixture.key) == "0=3");
}

TEST_CASE("a replica without its master refuses even to load, and that may pass", "[redis]") {
  RedisServer server{{.arguments = {"--replica-serve-stale-data", "no"}}};
  RedisFixture fixture{server};
  REQUIRE_FALSE(fixture.commit(orders(0, 1)));
  fixture.probe("REPLICAOF", "127.0.0.1", "1");
  for (const auto& error :
       {store_error_of([&] { fixture.next(); }), store_error_of([&] { fixture.commit(orders(1, 2)); })}) {
    CHECK(says(error, "MASTERDOWN"));
    CHECK(error->is_retryable());
  }
  fixture.probe("REPLICAOF", "NO", "ONE");
  CHECK(fixture.next() == 1);
}

TEST_CASE("a server that is loading its data is waited for", "[redis]") {
  RedisServer server{{.arguments = {"--aof-use-rdb-preamble", "no"}}};
  RedisFixture fixture{server};
  REQUIRE_FALSE(fixture.commit(orders(0, 1)));
  fixture.probe("EVAL", "for i = 1, 30000 do redis.call('SET', 'k' .. i, i) end", "0");
  server.kill();
  RedisServer::Options slow{.arguments = {"--dir", server.folder().path(), "--key-load-delay", "100",
                                          "--loading-process-events-interval-bytes", "1024"},
                            .wait_until_ready = false};
  RedisServer again{slow};
  auto options = impatient(again.port());
  options.checkout_timeout = std::chrono::milliseconds{5'000};
  std::unique_ptr<RedisOffsetStore> store;
  REQUIRE(eventually([&] {
    store_error_of([&] { store = std::make_unique<RedisOffsetStore>(options); });
    return store != nullptr;
  }));
  const TopicPartition asked{"orders", 0};
  std::optional<StoreError> loading;
  REQUIRE(eventually([&] {
    auto error = store_error_of([&] { store->load({.group = "billing"}, {&asked, 1}); });
    if (error) loading = error;
    return !error;
  }));
  CHECK(says(loading, "LOADING"));
  CHECK(loading->is_retryable());
  CHECK(store->load({.group = "billing"}, {&asked, 1}).at(0) == 1);
}

TEST_CASE("a server that is busy with somebody's script is waited for", "[redis]") {
  Refusing redis{{"--busy-reply-threshold", "20"}};
  std::thread somebody{[&] { redis.server.probe()("EVAL", "while true do end", "0"); }};
  REQUIRE(eventually([&] { return redis.fixture.probe("PING").is_error(); }));
  redis.must_fail("BUSY", true);
  redis.fixture.probe("SCRIPT", "KILL");
  somebody.join();
  redis.must_work();
}

TEST_CASE("a server that takes no more clients is asked again, not for ever", "[redis]") {
  RedisServer server;
  const auto probe = server.probe();
  RedisFixture fixture{server};
  fixture.probe("CONFIG", "SET", "maxclients", "1");
  fixture.probe("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
  const auto error = store_error_of([&] { fixture.next(); });
  REQUIRE(error);
  CHECK(error->is_retryable());
  fixture.probe("CONFIG", "SET", "maxclients", "100");
  CHECK(fixture.next() == std::nullopt);
}

TEST_CASE("a script that the server has forgotten is sent again", "[redis]") {
  RedisFixture fixture;
  REQUIRE_FALSE(fixture.commit(orders(0, 1)));
  fixture.probe("SCRIPT", "FLUSH");
  REQUIRE_FALSE(fixture.commit(orders(1, 2)));
  fixture.probe("SCRIPT", "FLUSH");
  auto transaction = fixture.begin(orders(2, 3));
  transaction.command("INCR", "count");
  REQUIRE_FALSE(transaction.commit());
  CHECK(fixture.probe("GET", "count").text() == "1");
  CHECK(fixture.next() == 3);
}

TEST_CASE("a command that the server has forbidden is an error for good", "[redis]") {
  RedisServer server{{.arguments = {"--rename-command", "EVALSHA", ""}}};
  RedisFixture fixture{server};
  const auto error = store_error_of([&] { fixture.commit(orders(0, 1)); });
  CHECK(says(error, "unknown command", "renamed"));
  CHECK_FALSE(error->is_retryable());
}

TEST_CASE("a password that is missing or wrong is an error for good, and soon", "[redis]") {
  RedisServer server{{.arguments = {"--requirepass", "right"}}};
  const auto opened = [&](const std::string& login) {
    return store_error_of(
        [&] { RedisOffsetStore{impatient("redis://" + login + "127.0.0.1:" + std::to_string(server.port()))}; });
  };
  for (const auto& error : {opened(""), opened(":wrong@"), opened("nobody:right@")}) {
    REQUIRE(error);
    CHECK_FALSE(error->is_retryable());
    CHECK(says(error, "RedisOffsetStoreOptions::"));
    CHECK_FALSE(says(error, "right@"));
  }
  CHECK_FALSE(opened(":right@"));
  CHECK_FALSE(opened("default:right@"));
}

TEST_CASE("a password where the server has none is an error for good", "[redis]") {
  const auto error = store_error_of(
      [&] { RedisOffsetStore{"redis://:s3cret@127.0.0.1:" + std::to_string(RedisServer::shared().port())}; });
  REQUIRE(error);
  CHECK_FALSE(error->is_retryable());
  CHECK_FALSE(says(error, "s3cret"));
}

TEST_CASE("a database that the server does not have is an error for good", "[redis]") {
  const auto error = store_error_of([] { RedisOffsetStore{RedisServer::shared().url() + "/99"}; });
  CHECK(says(error, "RedisOffsetStoreOptions::database"));
  CHECK_FALSE(error->is_retryable());
}
