#include <tidemark/stores/postgres.hpp>

#include <libpq-fe.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "postgres/postgres_fixture.hpp"

using namespace tidemark;
using namespace tidemark::test;

namespace {

struct Fixture : PostgresFixture {
  Fixture() { probe("create table totals(carrier text primary key, flights bigint not null, raw bytea)"); }

  static void add(PostgresTransaction& transaction, std::string_view carrier, int flights) {
    transaction.execute(
        "insert into totals values ($1, $2) on conflict (carrier) do update set flights = totals.flights + "
        "excluded.flights",
        carrier, flights);
  }
  std::string totals() { return probe("select carrier, flights from totals order by 1"); }
};

}  // namespace

TEST_CASE("results and offsets go into PostgreSQL together", "[postgres]") {
  Fixture fixture;
  auto transaction = fixture.begin({orders(0, 10), orders(0, 20, 1)});
  Fixture::add(transaction, "AA", 3);
  transaction.send("update totals set flights = flights + $1 where carrier = $2", 4, "AA");
  CHECK(transaction.query("select flights from totals where carrier = $1", "AA").at(0).get<int>(0) == 7);
  CHECK(fixture.totals().empty());
  CHECK_FALSE(fixture.next());
  REQUIRE_FALSE(transaction.commit());
  CHECK(fixture.totals() == "AA|7");
  CHECK(fixture.stored() == "orders|0|10\norders|1|20");
  CHECK(says(store_error_of([&] { transaction.execute("select 1"); }), "over"));
}

TEST_CASE("rows go in by COPY and by arrays, whatever is in them", "[postgres]") {
  Fixture fixture;
  auto transaction = fixture.begin(orders(0, 10));
  {
    auto rows = transaction.copy("public.totals", {"carrier", "flights", "raw"});
    rows.add("tab\tnew\nline\\N\r", 1, nullptr);
    const std::string bytes{"\0\xff'\\", 4};
    rows.add(std::string{"x"}, std::int64_t{-5}, std::as_bytes(std::span{bytes}));
    for (int i = 0; i < 20'000; ++i) rows.add("c" + std::to_string(i), i, std::nullopt);
    CHECK(rows.finish() == 20'002);
  }
  const std::vector<std::string> names{"a,\"b\\", "{}", "NULL"};
  const std::vector<std::int64_t> flights{1, 2, 3};
  CHECK(transaction.execute("insert into totals select * from unnest($1::text[], $2::bigint[])", names, flights) == 3);
  REQUIRE_FALSE(transaction.commit());
  CHECK(fixture.probe("select count(*) from totals") == "20005");
  CHECK(fixture.probe("select flights from totals where carrier = E'tab\\tnew\\nline\\\\N\\r' and raw is null") == "1");
  CHECK(fixture.probe("select raw from totals where carrier = 'x'") == "\\x00ff275c");
  CHECK(fixture.probe("select count(*) from totals where carrier in (E'a,\"b\\\\', '{}', 'NULL')") == "3");
}

TEST_CASE("a COPY that the table refuses, or that nobody finished, is not committed in part", "[postgres]") {
  Fixture fixture;
  auto transaction = fixture.begin(orders(0, 10));
  SECTION("refused") {
    auto rows = transaction.copy("totals", {"carrier", "flights"});
    rows.add("AA", "many");
    const auto error = store_error_of([&] { rows.finish(); });
    CHECK(says(error, "bigint", "many", "22P02"));
    CHECK_FALSE(error->is_retryable());
  }
  SECTION("refused, by the destructor") { transaction.copy("totals", {"carrier", "flights"}).add("AA", "many"); }
  CHECK(says(store_error_of([&] { transaction.commit(); }), "many", "savepoint"));
  CHECK(fixture.totals().empty());
  CHECK_FALSE(fixture.next());
}

TEST_CASE("a COPY that an exception leaves gives the batch up", "[postgres]") {
  Fixture fixture;
  try {
    auto transaction = fixture.begin(orders(0, 10));
    auto rows = transaction.copy("totals", {"carrier", "flights"});
    rows.add("AA", 1);
    throw std::runtime_error{"handler"};
  } catch (const std::runtime_error&) {
  }
  CHECK(fixture.totals().empty());
  REQUIRE_FALSE(fixture.commit(orders(0, 10)));
}

TEST_CASE("a failed statement takes the transaction with it, unless a savepoint is around it", "[postgres]") {
  Fixture fixture;
  auto transaction = fixture.begin(orders(0, 10));
  Fixture::add(transaction, "AA", 3);
  const auto break_it = [&] { transaction.execute("insert into totals values ($1, $2)", "AA", 1); };
  SECTION("with a savepoint") {
    const auto error = store_error_of([&] {
      transaction.savepoint([&] {
        Fixture::add(transaction, "BB", 3);
        break_it();
      });
    });
    CHECK(says(error, "totals_pkey", "23505", "insert into totals"));
    CHECK_FALSE(error->is_retryable());
    transaction.savepoint([&] { Fixture::add(transaction, "CC", 1); });
    REQUIRE_FALSE(transaction.commit());
    CHECK(fixture.totals() == "AA|3\nCC|1");
    CHECK(fixture.next() == 10);
  }
  SECTION("with the error swallowed") {
    CHECK(says(store_error_of(break_it), "totals_pkey"));
    CHECK(says(store_error_of([&] { Fixture::add(transaction, "BB", 3); }), "25P02", "savepoint"));
    CHECK(says(store_error_of([&] { transaction.commit(); }), "totals_pkey", "nothing was applied"));
    CHECK(fixture.totals().empty());
    CHECK_FALSE(fixture.next());
  }
  SECTION("queued, and found by commit()") {
    transaction.send("insert into totals values ($1, $2)", "AA", 1);
    CHECK(says(store_error_of([&] { transaction.commit(); }), "totals_pkey"));
    CHECK(fixture.totals().empty());
    CHECK_FALSE(fixture.next());
  }
}

TEST_CASE("a handler cannot commit its results without the offsets by a statement", "[postgres]") {
  Fixture fixture;
  auto transaction = fixture.begin(orders(0, 10));
  Fixture::add(transaction, "AA", 3);
  const std::string sql =
      GENERATE(as<std::string>{}, "commit", " /* a /* b */ */ COMMIT", "-- x\nend", "rollback", "Begin", "abort",
               "prepare transaction 'x'", "rollback and chain", "copy totals from stdin");
  const auto error = store_error_of([&] { transaction.execute(sql); });
  CHECK(says(error, "refused"));
  CHECK_FALSE(error->is_retryable());
  REQUIRE_FALSE(transaction.commit());
  CHECK(fixture.totals() == "AA|3");
}

TEST_CASE("the plain connection writes into the same transaction", "[postgres]") {
  Fixture fixture;
  auto transaction = fixture.begin(orders(0, 10));
  Fixture::add(transaction, "AA", 3);
  PQclear(PQexec(transaction.connection(), "insert into totals values ('BB', 1)"));
  Fixture::add(transaction, "AA", 1);
  REQUIRE_FALSE(transaction.commit());
  CHECK(fixture.totals() == "AA|4\nBB|1");
}

TEST_CASE("a handler that ends the transaction on the plain connection is told, and its offsets stay", "[postgres]") {
  Fixture fixture;
  auto transaction = fixture.begin(orders(0, 10));
  Fixture::add(transaction, "AA", 3);
  const std::string sql =
      GENERATE(as<std::string>{}, "commit", "rollback", "commit; begin", "rollback; begin", "select 1/0", "unfinished");
  if (sql == "unfinished")
    PQsendQuery(transaction.connection(), "select 1");
  else
    PQclear(PQexec(transaction.connection(), sql.c_str()));
  const auto error = store_error_of([&] { transaction.commit(); });
  CAPTURE(sql);
  REQUIRE(error);
  CHECK(says(error, "transaction.connection()"));
  CHECK_FALSE(error->is_retryable());
  CHECK_FALSE(fixture.next());
  REQUIRE_FALSE(fixture.commit(orders(0, 10)));
}

TEST_CASE("no offset is locked while the handler works, and a late transaction is refused", "[postgres]") {
  Fixture fixture;
  REQUIRE_FALSE(fixture.commit(orders(0, 10)));
  auto zombie = fixture.begin(orders(10, 20));
  Fixture::add(zombie, "AA", 1);
  REQUIRE_FALSE(fixture.commit(orders(10, 15)));
  CHECK(zombie.commit() == Conflict{{"orders", 0}, 15});
  CHECK(fixture.totals().empty());
}

TEST_CASE("a handler that is silent for too long loses its transaction, and others get on", "[postgres]") {
  Fixture fixture;
  fixture.options.idle_in_transaction_timeout = std::chrono::milliseconds{200};
  fixture.open();
  auto zombie = fixture.begin(orders(0, 10));
  Fixture::add(zombie, "AA", 1);
  // The new owner writes the same row: it waits for the zombie's end.
  auto owner = fixture.begin(orders(0, 10));
  Fixture::add(owner, "AA", 5);
  REQUIRE_FALSE(owner.commit());
  const auto error = store_error_of([&] { zombie.commit(); });
  REQUIRE(error);
  CHECK(error->is_retryable());
  CHECK(fixture.totals() == "AA|5");
}

TEST_CASE("1,000 queued statements go through one transaction, with their errors in order", "[postgres]") {
  Fixture fixture;
  auto transaction = fixture.begin(orders(0, 10));
  const std::string large(10'000, 'x');
  for (int i = 0; i < 1'000; ++i)
    transaction.send("insert into totals values ($1, $2)", large.substr(0, 1'000) + std::to_string(i), i);
  CHECK(transaction.query("select repeat($1, 100) from totals", large).size() == 1'000);
  REQUIRE_FALSE(transaction.commit());
  CHECK(fixture.probe("select count(*) from totals") == "1000");
}
