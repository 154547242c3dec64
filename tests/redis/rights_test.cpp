#include <tidemark/stores/redis.hpp>

#include <tidemark/testing/catch2.hpp>

#include <string>
#include <vector>

#include "redis/redis_fixture.hpp"
#include "support/process.hpp"

using namespace tidemark;
using namespace tidemark::test;
using tidemark::testing::check_conformance;
using tidemark::testing::check_transactional_conformance;

namespace {

const std::string canary = "CANARY-pa55w0rd";

/// The rights that docs/redis.md lists, for offsets alone, and what a transaction needs besides.
const std::vector<std::string> offsets_only{"~kafka:topic:*", "+evalsha", "+eval", "+hmget", "+hset", "+hdel", "+hlen"};
const std::vector<std::string> catalog{"+scan", "+hgetall", "+type"};
const std::vector<std::string> transactions{"+command", "+type"};

class RestrictedServer {
 public:
  explicit RestrictedServer(std::vector<std::string> rights) {
    std::vector<std::string> rule{"ACL", "SETUSER", "tidemark", "reset", "on", ">" + canary};
    rule.insert(rule.end(), rights.begin(), rights.end());
    REQUIRE(probe_.run(rule).text() == "OK");
    REQUIRE(probe_("CONFIG", "SET", "requirepass", "another").text() == "OK");
  }
  std::string url() const { return "redis://tidemark:" + canary + "@127.0.0.1:" + std::to_string(server_.port()); }
  RedisProbe& probe() { return probe_; }

 private:
  RedisServer server_;
  RedisProbe probe_ = server_.probe();
};

std::vector<std::string> joined(std::vector<std::string> first, std::initializer_list<std::vector<std::string>> more) {
  for (const auto& each : more) first.insert(first.end(), each.begin(), each.end());
  return first;
}

}  // namespace

TEST_CASE("a user with the documented rights keeps the contract", "[redis]") {
  const auto server = std::make_shared<RestrictedServer>(joined(offsets_only, {catalog}));
  check_conformance({.storage =
                         [server] {
                           server->probe()("FLUSHALL");
                           return [server] { return std::make_unique<RedisOffsetStore>(server->url()); };
                         },
                     .capabilities = {.refuses_odd_names = true}});
}

TEST_CASE("a user with the documented rights keeps the contract of transactions", "[redis]") {
  const auto server = std::make_shared<RestrictedServer>(joined(offsets_only, {transactions, {"~result:*", "+set"}}));
  check_transactional_conformance<RedisOffsetStore>({.storage = [server] {
    server->probe()("FLUSHALL");
    return tidemark::testing::TransactionalStorage<RedisOffsetStore>{
        .open = [server] { return std::make_unique<RedisOffsetStore>(server->url()); },
        .write = [](RedisTransaction& transaction, const std::string& key,
                    const std::string& value) { transaction.command("SET", "result:" + key, value); },
        .read = [server](const std::string& key) -> std::optional<std::string> {
          const auto reply = server->probe()("GET", "result:" + key);
          if (reply.is_nil()) return std::nullopt;
          return std::string{reply.text()};
        }};
  }});
}

TEST_CASE("a right that is missing is named by an error that is for good, and nothing is applied", "[redis]") {
  RestrictedServer server{joined(offsets_only, {transactions, {"~result:*", "+set"}})};
  RedisOffsetStore store{server.url()};
  const GroupSession session{.group = "billing"};
  const OffsetRange range = orders(0, 1);
  auto transaction = store.begin(session, {&range, 1});
  transaction.command("SET", "forbidden", "x");
  transaction.command("SET", "result:a", "x");
  for (const auto& error :
       {store_error_of([&] { store.list("billing"); }), store_error_of([&] { transaction.commit(); })}) {
    CHECK(says(error, "ACL lacks a right", "docs/redis.md"));
    CHECK_FALSE(error->is_retryable());
  }
  CHECK(server.probe()("DBSIZE").integer() == 0);
}

TEST_CASE("when the offsets may not be written no result is, and the error says so", "[redis]") {
  const auto missing = GENERATE(as<std::string>{}, "-hset", "-hmget");
  RestrictedServer server{joined(offsets_only, {transactions, {"~result:*", "+incrby", missing}})};
  RedisOffsetStore store{server.url()};
  const OffsetRange range = orders(0, 10);
  auto transaction = store.begin({.group = "billing"}, {&range, 1});
  transaction.command("INCRBY", "result:sum", 10);
  const auto error = store_error_of([&] { transaction.commit(); });
  CHECK(says(error, "ACL lacks a right", "nothing was applied"));
  REQUIRE(error);
  CHECK_FALSE(error->is_retryable());
  CHECK(server.probe()("DBSIZE").integer() == 0);
}

TEST_CASE("a first command that is refused leaves the offsets where they were, without the right to remove them too",
          "[redis]") {
  const bool may_remove = GENERATE(true, false);
  RestrictedServer server{
      joined(offsets_only, {transactions, {"~result:*", "+incrby", may_remove ? "+hdel" : "-hdel"}})};
  RedisOffsetStore store{server.url()};
  const GroupSession session{.group = "billing"};
  server.probe()("SET", "result:text", "no number");
  const OffsetRange before = orders(0, 10);
  REQUIRE_FALSE(store.commit(session, {&before, 1}));
  const std::vector<OffsetRange> ranges{orders(10, 20), orders(0, 5, 1)};
  auto transaction = store.begin(session, ranges);
  transaction.command("INCRBY", "result:text", 1);
  transaction.command("INCRBY", "result:sum", 1);
  const auto error = store_error_of([&] { transaction.commit(); });
  REQUIRE(error);
  CHECK_FALSE(error->is_retryable());
  const auto stored = server.probe().hash("kafka:topic:orders:billing");
  const auto sum = server.probe()("GET", "result:sum");
  if (may_remove) {
    CHECK(says(error, "nothing was applied"));
    CHECK(stored == "0=10");
    CHECK(sum.is_nil());
  } else {
    CHECK(says(error, "1 of the transaction's 2 commands failed; all others were applied"));
    CHECK(stored == "0=20 1=5");
    CHECK(sum.text() == "1");
  }
}

TEST_CASE("who may not ask for the configuration is told that durability is unknown, or is refused", "[redis]") {
  RestrictedServer server{offsets_only};
  CHECK_FALSE(RedisOffsetStore{server.url()}.durability().appendonly);
  auto options = redis_options(server.url());
  options.require_durable = true;
  CHECK(says(store_error_of([&] { RedisOffsetStore{options}; }), "require_durable", "CONFIG GET"));
  server.probe()("ACL", "SETUSER", "tidemark", "+config|get");
  CHECK(RedisOffsetStore{options}.durability().is_durable());
}
