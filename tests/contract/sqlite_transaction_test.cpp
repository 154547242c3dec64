#include <sqlite3.h>

#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "contract/sqlite_fixture.hpp"

using namespace tidemark;
using namespace tidemark::test;

namespace {

struct Fixture : SqliteFixture {
  Fixture() { store.execute("create table totals(carrier text primary key, flights integer not null)"); }

  static void add(SqliteTransaction& transaction, std::string_view carrier, int flights) {
    transaction.execute(
        "insert into totals values (?1, ?2) on conflict(carrier) do update set flights = flights + excluded.flights",
        carrier, flights);
  }
  std::optional<int> flights(std::string_view carrier) {
    const auto rows = store.query("select flights from totals where carrier = ?1", carrier);
    if (rows.empty()) return std::nullopt;
    return rows[0].get<int>(0);
  }
};

int run(sqlite3* database, const char* sql) { return sqlite3_exec(database, sql, nullptr, nullptr, nullptr); }

}  // namespace

TEST_CASE("results and offsets go in together", "[contract]") {
  Fixture fixture;
  auto transaction = fixture.begin(orders(0, 10));
  Fixture::add(transaction, "AA", 3);
  Fixture::add(transaction, "AA", 4);
  CHECK(transaction.query("select flights from totals where carrier = ?1", "AA").at(0).get<int>(0) == 7);
  CHECK_FALSE(fixture.flights("AA"));
  CHECK_FALSE(fixture.next());
  REQUIRE_FALSE(transaction.commit());
  CHECK(fixture.flights("AA") == 7);
  CHECK(fixture.next() == 10);
}

TEST_CASE("a transaction that is not committed leaves nothing, and the next one can begin", "[contract]") {
  Fixture fixture;
  try {
    auto transaction = fixture.begin(orders(0, 10));
    Fixture::add(transaction, "AA", 3);
    throw 42;
  } catch (int) {
  }
  CHECK_FALSE(fixture.flights("AA"));
  CHECK_FALSE(fixture.next());
  CHECK_FALSE(fixture.commit(orders(0, 10)));
}

TEST_CASE("a batch that was applied before changes nothing and counts as done", "[contract]") {
  Fixture fixture;
  for (int i = 0; i < 2; ++i) {
    auto transaction = fixture.begin(orders(0, 10));
    Fixture::add(transaction, "AA", 3);
    REQUIRE_FALSE(transaction.commit());
  }
  CHECK(fixture.flights("AA") == 3);
  CHECK(fixture.next() == 10);
}

TEST_CASE("a batch that was applied in part is a conflict, and its results are discarded", "[contract]") {
  Fixture fixture;
  const auto order = GENERATE(std::pair{0, 1}, std::pair{1, 0});
  REQUIRE_FALSE(fixture.commit(orders(0, 10, order.first)));
  const std::vector ranges{orders(0, 10, 0), orders(0, 10, 1)};
  auto transaction = fixture.store.begin(fixture.session, ranges);
  Fixture::add(transaction, "AA", 3);
  CHECK(transaction.commit() == Conflict{{"orders", order.first}, 10});
  CHECK_FALSE(fixture.flights("AA"));
  CHECK_FALSE(fixture.next(order.second));
}

TEST_CASE("a start position that stands beside the batch's ranges is no sign that it was applied", "[contract]") {
  Fixture fixture;
  REQUIRE_FALSE(fixture.commit(orders(5, 5, 1)));
  const std::vector ranges{orders(0, 10, 0), orders(5, 5, 1)};
  for (int i = 0; i < 2; ++i) {
    auto transaction = fixture.store.begin(fixture.session, ranges);
    Fixture::add(transaction, "AA", 3);
    CHECK_FALSE(transaction.commit());
  }
  CHECK(fixture.flights("AA") == 3);
}

TEST_CASE("a mismatch is a conflict that tells what is stored, and everything is rolled back", "[contract]") {
  Fixture fixture;
  REQUIRE_FALSE(fixture.commit(orders(0, 7, 1)));
  const std::vector ranges{orders(0, 10, 0), orders(0, 10, 1)};
  auto transaction = fixture.store.begin(fixture.session, ranges);
  Fixture::add(transaction, "AA", 3);
  CHECK(transaction.commit() == Conflict{{"orders", 1}, 7});
  CHECK_FALSE(fixture.flights("AA"));
  CHECK_FALSE(fixture.next(0));
  CHECK(fixture.next(1) == 7);
}

TEST_CASE("a zombie whose batch began before another owner took over is refused", "[contract]") {
  Fixture fixture;
  auto zombie = fixture.begin(orders(0, 10));
  SqliteOffsetStore other{fixture.path};
  const std::vector ranges{orders(0, 6)};
  auto owner = other.begin(fixture.session, ranges);
  Fixture::add(owner, "AA", 6);
  REQUIRE_FALSE(owner.commit());

  Fixture::add(zombie, "AA", 10);
  CHECK(zombie.commit() == Conflict{{"orders", 0}, 6});
  CHECK(fixture.flights("AA") == 6);
  CHECK(fixture.next() == 6);
}

TEST_CASE("begin takes no lock, so slow handlers do not wait for each other", "[contract]") {
  Fixture fixture;
  auto first = fixture.begin(orders(0, 10, 0));
  auto second = fixture.begin(orders(0, 10, 1));
  Fixture::add(second, "AA", 1);
  REQUIRE_FALSE(second.commit());
  Fixture::add(first, "AA", 1);
  REQUIRE_FALSE(first.commit());
  CHECK(fixture.flights("AA") == 2);
}

TEST_CASE("a transaction moves, also to another thread", "[contract]") {
  Fixture fixture;
  auto transaction = fixture.begin(orders(0, 10));
  Fixture::add(transaction, "AA", 1);
  std::optional<Conflict> conflict = Conflict{};
  std::thread{[moved = std::move(transaction), &conflict]() mutable {
    Fixture::add(moved, "AA", 1);
    conflict = moved.commit();
  }}.join();
  CHECK_FALSE(conflict);
  CHECK(fixture.flights("AA") == 2);

  auto replaced = fixture.begin(orders(10, 20));
  Fixture::add(replaced, "AA", 1);
  replaced = fixture.begin(orders(10, 30));
  Fixture::add(replaced, "AA", 5);
  CHECK_FALSE(replaced.commit());
  CHECK(fixture.flights("AA") == 7);
  CHECK(fixture.next() == 30);
}

TEST_CASE("a transaction that is over takes nothing more", "[contract]") {
  Fixture fixture;
  auto transaction = fixture.begin(orders(0, 10));
  REQUIRE_FALSE(transaction.commit());
  CHECK(says(store_error([&] { Fixture::add(transaction, "AA", 1); }), "over"));
  CHECK(says(store_error([&] { transaction.commit(); }), "over"));
  CHECK(fixture.next() == 10);
}

TEST_CASE("a handler cannot commit its results without the offsets", "[contract]") {
  Fixture fixture;
  auto transaction = fixture.begin(orders(0, 10));
  Fixture::add(transaction, "AA", 3);

  SECTION("by execute") {
    const auto error = store_error([&] { transaction.execute("commit"); });
    CHECK(says(error, "remove the COMMIT"));
    CHECK_FALSE(error.is_retryable());
  }
  SECTION("by the bare connection") { CHECK(run(transaction.database(), "commit") != SQLITE_OK); }
  SECTION("by releasing what is not there") { CHECK(run(transaction.database(), "end") != SQLITE_OK); }

  const auto error = store_error([&] { transaction.commit(); });
  CHECK(says(error, "ended before its commit()"));
  CHECK_FALSE(error.is_retryable());
  CHECK_FALSE(fixture.flights("AA"));
  CHECK_FALSE(fixture.next());
}

TEST_CASE("a handler that rolls back is told, and what it writes afterwards is not kept either", "[contract]") {
  Fixture fixture;
  {
    auto transaction = fixture.begin(orders(0, 10));
    Fixture::add(transaction, "AA", 3);
    auto* database = transaction.database();

    SECTION("by execute") {
      CHECK(says(store_error([&] { transaction.execute("rollback"); }), "ended before its commit()"));
    }
    SECTION("by the bare connection") { REQUIRE(run(database, "rollback") == SQLITE_OK); }
    SECTION("by the bare connection, and begins anew") {
      REQUIRE(run(database, "rollback; begin immediate") == SQLITE_OK);
      REQUIRE(run(database, "insert into totals values ('BB', 1)") == SQLITE_OK);
    }
    SECTION("by a conflict clause") {
      store_error([&] { transaction.execute("insert or rollback into totals values ('AA', 1)"); });
    }

    run(database, "insert into totals values ('CC', 1)");
    CHECK(says(store_error([&] { Fixture::add(transaction, "DD", 3); }), "ended before its commit()"));
    CHECK(says(store_error([&] { transaction.commit(); }), "ended before its commit()"));
  }
  CHECK(fixture.count("totals") == 0);
  CHECK_FALSE(fixture.next());
  CHECK_FALSE(fixture.commit(orders(0, 10)));
}

TEST_CASE("a connection that is kept beyond its transaction writes nothing", "[contract]") {
  Fixture fixture;
  auto transaction = fixture.begin(orders(0, 10));
  auto* kept = transaction.database();
  REQUIRE_FALSE(transaction.commit());
  CHECK(run(kept, "insert into totals values ('AA', 1)") != SQLITE_OK);
  CHECK(fixture.count("totals") == 0);
}

TEST_CASE("a handler that catches an error of its SQL may go on", "[contract]") {
  Fixture fixture;
  auto transaction = fixture.begin(orders(0, 10));
  Fixture::add(transaction, "AA", 3);
  const auto error = store_error([&] { transaction.execute("insert into totals values (?1, ?2)", "AA", 1); });
  CHECK(says(error, "UNIQUE constraint failed: totals.carrier"));
  CHECK(says(error, "insert into totals"));
  CHECK_FALSE(error.is_retryable());
  Fixture::add(transaction, "AA", 1);
  REQUIRE_FALSE(transaction.commit());
  CHECK(fixture.flights("AA") == 4);
}

TEST_CASE("savepoints work inside of a transaction", "[contract]") {
  Fixture fixture;
  auto transaction = fixture.begin(orders(0, 10));
  transaction.execute("savepoint part");
  Fixture::add(transaction, "AA", 3);
  transaction.execute("rollback to part; release part");
  Fixture::add(transaction, "BB", 1);
  REQUIRE_FALSE(transaction.commit());
  CHECK_FALSE(fixture.flights("AA"));
  CHECK(fixture.flights("BB") == 1);
}

TEST_CASE("a statement that its user left in the middle does not keep the commit back", "[contract]") {
  Fixture fixture;
  sqlite3_stmt* statement = nullptr;
  {
    auto transaction = fixture.begin(orders(0, 10));
    Fixture::add(transaction, "AA", 3);
    REQUIRE(sqlite3_prepare_v2(transaction.database(),
                               "insert into totals values ('BB', 1), ('CC', 1) returning carrier", -1, &statement,
                               nullptr) == SQLITE_OK);
    REQUIRE(sqlite3_step(statement) == SQLITE_ROW);
    CHECK_FALSE(transaction.commit());
  }
  sqlite3_finalize(statement);
  CHECK(fixture.count("totals") == 3);
  CHECK(fixture.next() == 10);
}

TEST_CASE("the bare connection writes into the same transaction", "[contract]") {
  Fixture fixture;
  auto transaction = fixture.begin(orders(0, 10));
  REQUIRE(run(transaction.database(), "insert into totals values ('AA', 1)") == SQLITE_OK);
  REQUIRE_FALSE(transaction.commit());
  CHECK(fixture.flights("AA") == 1);
}

TEST_CASE("a transaction without ranges keeps its results", "[contract]") {
  Fixture fixture;
  auto transaction = fixture.store.begin(fixture.session, {});
  Fixture::add(transaction, "AA", 1);
  REQUIRE_FALSE(transaction.commit());
  CHECK(fixture.flights("AA") == 1);
}
