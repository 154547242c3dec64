#include <tidemark/stores/redis.hpp>

#include <string>
#include <vector>

#include "redis/redis_fixture.hpp"

using namespace tidemark;
using namespace tidemark::test;

TEST_CASE("results and offsets go into Redis together, in one command", "[redis]") {
  RedisFixture fixture;
  fixture.begin(orders(0, 1)).commit();
  fixture.probe("CONFIG", "RESETSTAT");
  auto transaction = fixture.begin({orders(1, 10), orders(0, 20, 1)});
  for (int i = 0; i < 9; ++i) transaction.command("HINCRBY", "totals", i % 2 ? "AA" : "BB", i);
  transaction.command("SET", std::string_view{"k\0ey", 4}, std::string_view{"\r\n\0$1", 5});
  CHECK(fixture.next() == 1);
  CHECK(fixture.probe("EXISTS", "totals").integer() == 0);
  REQUIRE_FALSE(transaction.commit());
  CHECK(fixture.probe.hash(fixture.key) == "0=10 1=20");
  CHECK(fixture.probe("HGET", "totals", "AA").text() == "16");
  CHECK(fixture.probe("HGET", "totals", "BB").text() == "20");
  CHECK(fixture.probe("GET", std::string("k\0ey", 4)).text() == std::string_view{"\r\n\0$1", 5});
  CHECK(fixture.probe.info("commandstats", "cmdstat_evalsha").starts_with("calls=1,"));
}

TEST_CASE("10,000 commands go through one transaction", "[redis]") {
  RedisFixture fixture;
  auto transaction = fixture.begin(orders(0, 10'000));
  for (int i = 0; i < 10'000; ++i) transaction.command("HINCRBY", "totals:" + std::to_string(i % 500), "n", 1);
  REQUIRE_FALSE(transaction.commit());
  CHECK(fixture.probe("HGET", "totals:0", "n").text() == "20");
  CHECK(fixture.next() == 10'000);
}

TEST_CASE("a key of another type is found before anything is applied", "[redis]") {
  RedisFixture fixture;
  fixture.probe("SET", "totals", "a string");
  auto transaction = fixture.begin(orders(0, 10));
  transaction.command("INCR", "count");
  transaction.command("HINCRBY", "totals", "AA", 1);
  const auto error = store_error_of([&] { transaction.commit(); });
  CHECK(says(error, "\"totals\"", "string", "nothing was applied"));
  CHECK_FALSE(error->is_retryable());
  CHECK(fixture.probe("EXISTS", "count").integer() == 0);
  CHECK(fixture.next() == std::nullopt);
}

TEST_CASE("when the first command fails nothing is applied", "[redis]") {
  RedisFixture fixture;
  fixture.probe("HSET", "totals", "AA", "many");
  auto transaction = fixture.begin(orders(0, 10));
  transaction.command("HINCRBY", "totals", "AA", 1);
  transaction.command("INCR", "count");
  const auto error = store_error_of([&] { transaction.commit(); });
  CHECK(says(error, "HINCRBY \"totals\"", "not an integer", "nothing was applied"));
  CHECK_FALSE(error->is_retryable());
  CHECK(fixture.probe("EXISTS", "count").integer() == 0);
  CHECK(fixture.next() == std::nullopt);
}

TEST_CASE("when a later command fails the others and the offsets are applied, and the error says so", "[redis]") {
  RedisFixture fixture;
  fixture.probe("HSET", "totals", "AA", "many");
  auto transaction = fixture.begin(orders(0, 10));
  transaction.command("INCR", "count");
  transaction.command("HINCRBY", "totals", "AA", 1);
  transaction.command("HINCRBY", "totals", "BB", 1);
  transaction.command("HINCRBY", "totals", "AA", 1);
  const auto error = store_error_of([&] { transaction.commit(); });
  CHECK(says(error, "2 of the transaction's 4 commands failed", "HINCRBY \"totals\"", "not an integer", "by hand"));
  CHECK_FALSE(error->is_retryable());
  CHECK(fixture.probe("GET", "count").text() == "1");
  CHECK(fixture.probe("HGET", "totals", "AA").text() == "many");
  CHECK(fixture.probe("HGET", "totals", "BB").text() == "1");
  CHECK(fixture.next() == 10);
}

TEST_CASE("what a handler reads holds until its transaction is applied", "[redis]") {
  RedisFixture fixture;
  fixture.probe("HSET", "totals", "AA", "41");
  fixture.probe("RPUSH", "list", "a", "b");
  auto transaction = fixture.begin(orders(0, 10));
  CHECK(transaction.read("GET", "nothing").is_nil());
  CHECK(transaction.read("LRANGE", "list", 0, -1).elements().size() == 2);
  CHECK(transaction.read("HLEN", "totals").integer() == 1);
  CHECK(transaction.read("TYPE", "totals").text() == "hash");
  transaction.command("HSET", "totals", "AA", transaction.read("HGET", "totals", "AA").integer() + 1);
  REQUIRE_FALSE(transaction.commit());
  CHECK(fixture.probe("HGET", "totals", "AA").text() == "42");
}

TEST_CASE("when what a handler has read was changed nothing is applied, and it may be called again", "[redis]") {
  RedisFixture fixture;
  fixture.probe("HSET", "totals", "AA", "41");
  fixture.probe("RPUSH", "list", "a", "b");
  struct Change {
    std::vector<std::string> read;
    std::vector<std::string> change;
  };
  const auto [read, change] = GENERATE(values<Change>({{{"HGET", "totals", "AA"}, {"HSET", "totals", "AA", "50"}},
                                                       {{"HGET", "totals", "AA"}, {"DEL", "totals"}},
                                                       {{"GET", "nothing"}, {"SET", "nothing", "x"}},
                                                       {{"LRANGE", "list", "0", "-1"}, {"LSET", "list", "1", "c"}},
                                                       {{"LRANGE", "list", "0", "-1"}, {"RPUSH", "list", "c"}},
                                                       {{"LLEN", "list"}, {"RPUSH", "list", "c"}},
                                                       {{"TYPE", "list"}, {"DEL", "list"}}}));
  auto transaction = fixture.begin(orders(0, 10));
  const std::vector<RedisArgument> words(read.begin(), read.end());
  transaction.read_with(words);
  transaction.command("INCR", "count");
  fixture.probe.run(change);
  const auto error = store_error_of([&] { transaction.commit(); });
  CHECK(says(error, "was changed", "nothing was applied"));
  CHECK(error->is_retryable());
  CHECK(fixture.probe("EXISTS", "count").integer() == 0);
  CHECK(fixture.next() == std::nullopt);
}

TEST_CASE("a command that Redis would refuse in a script is refused before anything is sent", "[redis]") {
  RedisFixture fixture;
  auto transaction = fixture.begin(orders(0, 10));
  const auto refused = [&](const std::vector<std::string>& command) {
    const std::vector<RedisArgument> words(command.begin(), command.end());
    const auto error = store_error_of([&] { transaction.command_with(words); });
    CAPTURE(command);
    CHECK(error);
    CHECK_FALSE(error->is_retryable());
  };
  refused({"NOSUCHCOMMAND", "a"});
  refused({"HINCRBY", "totals", "AA"});
  for (const auto* name : {"MULTI", "EXEC", "WATCH", "DISCARD", "QUIT"}) refused({name});
  refused({"SELECT", "1"});
  refused({"SUBSCRIBE", "c"});
  refused({"EVAL", "return 1", "0"});
  refused({"DEL", "x", fixture.key});
  refused({});
  refused({""});
  CHECK(says(store_error_of([&] { transaction.read("INCR", "x"); }), "command()"));
  transaction.command("set", "lower", "case");
  REQUIRE_FALSE(transaction.commit());
  CHECK(fixture.probe("GET", "lower").text() == "case");
}

TEST_CASE("a transaction that is over takes nothing more", "[redis]") {
  RedisFixture fixture;
  auto transaction = fixture.begin(orders(0, 10));
  REQUIRE_FALSE(transaction.commit());
  CHECK(says(store_error_of([&] { transaction.commit(); }), "over"));
  CHECK(says(store_error_of([&] { transaction.command("INCR", "x"); }), "over"));
  CHECK(says(store_error_of([&] { transaction.read("GET", "x"); }), "over"));
}

TEST_CASE("a batch that was applied in part is a conflict, and its results are discarded", "[redis]") {
  RedisFixture fixture;
  const auto order = GENERATE(std::pair{0, 1}, std::pair{1, 0});
  REQUIRE_FALSE(fixture.commit(orders(0, 10, order.first)));
  auto transaction = fixture.begin({orders(0, 10, 0), orders(0, 10, 1)});
  transaction.command("INCR", "count");
  CHECK(transaction.commit() == Conflict{{"orders", order.first}, 10});
  CHECK(fixture.probe("EXISTS", "count").integer() == 0);
  CHECK(fixture.next(order.second) == std::nullopt);
}

TEST_CASE("a transaction without ranges only runs its commands", "[redis]") {
  RedisFixture fixture;
  auto transaction = fixture.begin(std::vector<OffsetRange>{});
  transaction.command("INCR", "count");
  REQUIRE_FALSE(transaction.commit());
  CHECK(fixture.probe("GET", "count").text() == "1");
}

TEST_CASE("without ranges and without an answer the outcome is not known, and that is an error", "[redis]") {
  RedisServer server;
  auto options = impatient(server.port());
  options.command_timeout = std::chrono::milliseconds{200};
  RedisFixture fixture{server, options};
  auto transaction = fixture.begin(std::vector<OffsetRange>{});
  transaction.command("INCR", "count");
  server.freeze();
  const auto error = store_error_of([&] { transaction.commit(); });
  server.thaw();
  CHECK(says(error, "no reply within 200 ms", "not known"));
  REQUIRE(error);
  CHECK_FALSE(error->is_retryable());
}

TEST_CASE("a read that is refused at the commit is an error, not a change", "[redis]") {
  RedisFixture fixture;
  fixture.probe("SET", "value", "1");
  auto transaction = fixture.begin(orders(0, 10));
  transaction.read("GET", "value");
  transaction.command("INCR", "count");
  fixture.probe("DEL", "value");
  fixture.probe("RPUSH", "value", "1");
  const auto error = store_error_of([&] { transaction.commit(); });
  CHECK(says(error, "WRONGTYPE", "GET \"value\"", "nothing was applied"));
  REQUIRE(error);
  CHECK_FALSE(error->is_retryable());
  CHECK(fixture.probe("EXISTS", "count").integer() == 0);
}

TEST_CASE("failed commands are noted until the partition's next transaction has gone through", "[redis]") {
  RedisFixture fixture;
  fixture.probe("SET", "text", "no number");
  const std::string notes = fixture.key + "#failed-commands";
  auto failing = fixture.begin({orders(0, 10), orders(0, 20, 1)});
  failing.command("INCR", "count");
  failing.command("INCR", "text");
  const auto first = store_error_of([&] { failing.commit(); });
  REQUIRE(first);
  CHECK(fixture.probe("HLEN", notes).integer() == 1);
  // Whoever repeats that batch is told the same.
  auto repeated = fixture.begin({orders(0, 10), orders(0, 20, 1)});
  repeated.command("INCR", "count");
  repeated.command("INCR", "text");
  const auto again = store_error_of([&] { repeated.commit(); });
  REQUIRE(again);
  CHECK(std::string{again->what()} == first->what());
  CHECK(fixture.probe("GET", "count").text() == "1");
  CHECK(fixture.store->list("billing").size() == 2);
  // Another batch is not told of it.
  auto next = fixture.begin(orders(10, 11));
  next.command("INCR", "count");
  REQUIRE_FALSE(next.commit());
  CHECK(fixture.probe("EXISTS", notes).integer() == 0);
}

TEST_CASE("a key or value without content is not taken for an empty one", "[redis]") {
  RedisFixture fixture;
  auto transaction = fixture.begin(orders(0, 10));
  CHECK(says(store_error_of([&] { transaction.command("HINCRBY", "totals", Bytes{}, 1); }), "null"));
}
