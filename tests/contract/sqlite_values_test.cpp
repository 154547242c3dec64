#include <sqlite3.h>

#include <array>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "contract/sqlite_fixture.hpp"

using namespace tidemark;
using namespace tidemark::test;

namespace {

/// What SQLite makes of one parameter: its type, and the value as it comes back.
struct Stored {
  std::string type;
  SqliteRow row;
};

Stored stored(SqliteFixture& fixture, const SqliteValue& value) {
  auto rows = fixture.store.query("select ?1, typeof(?1)", value);
  return {rows.at(0).get<std::string>(1), rows.at(0)};
}

}  // namespace

TEST_CASE("numbers, strings, blobs and nothing come back as they were bound", "[contract]") {
  SqliteFixture fixture;
  const auto largest = std::numeric_limits<std::int64_t>::max();
  const std::string binary{"\0a\xff\xfe\0", 5};
  const std::array bytes{std::byte{0}, std::byte{255}};

  CHECK(stored(fixture, largest).row.get<std::int64_t>(0) == largest);
  CHECK(stored(fixture, std::numeric_limits<std::int64_t>::min()).type == "integer");
  CHECK(stored(fixture, true).row.get<bool>(0));
  CHECK(stored(fixture, 1.5).row.get<double>(0) == 1.5);
  CHECK(stored(fixture, 1.5f).type == "real");
  CHECK(stored(fixture, "literal").row.get<std::string>(0) == "literal");
  CHECK(stored(fixture, binary).row.get<std::string>(0) == binary);
  CHECK(stored(fixture, binary).type == "text");
  CHECK(stored(fixture, std::string_view{}).type == "text");
  CHECK(stored(fixture, std::span<const std::byte>{bytes}).type == "blob");
  CHECK(stored(fixture, std::span<const std::byte>{bytes}).row.get<std::string_view>(0) ==
        std::string_view("\0\xff", 2));
  CHECK(stored(fixture, std::span<const std::byte>{}).type == "blob");
  CHECK(stored(fixture, nullptr).type == "null");
  CHECK(stored(fixture, std::nullopt).type == "null");
  CHECK(stored(fixture, std::optional<int>{}).row.get<std::optional<int>>(0) == std::nullopt);
  CHECK(stored(fixture, std::optional<std::string>{"x"}).row.get<std::optional<std::string>>(0) == "x");
  CHECK(stored(fixture, static_cast<const char*>(nullptr)).type == "null");
}

TEST_CASE("a record's bytes are text, and a null key is NULL, not empty", "[contract]") {
  SqliteFixture fixture;
  CHECK(stored(fixture, Bytes{"AA"}).type == "text");
  CHECK(stored(fixture, Bytes{}).type == "null");
  CHECK(stored(fixture, Bytes{""}).type == "text");
  CHECK(stored(fixture, Bytes{}).row.get<Bytes>(0).is_null());
  CHECK_FALSE(stored(fixture, Bytes{""}).row.get<Bytes>(0).is_null());
}

TEST_CASE("an unsigned number that SQLite cannot hold is refused, not wrapped", "[contract]") {
  CHECK(SqliteValue{std::uint64_t{5}}.variant().index() == 1);
  CHECK(says(store_error([] { SqliteValue{std::numeric_limits<std::uint64_t>::max()}; }), "18446744073709551615"));
}

TEST_CASE("a column of another type is an error that names it, never a conversion", "[contract]") {
  SqliteFixture fixture;
  const auto row = fixture.store.query("select 'abc' as carrier, 300, null, -1, 1.5").at(0);
  CHECK(row.size() == 5);
  CHECK(says(store_error([&] { row.get<int>(0); }), "column 0 (carrier)"));
  CHECK(says(store_error([&] { row.get<std::uint8_t>(1); }), "the integer 300"));
  CHECK(row.get<double>(1) == 300);
  CHECK(row.is_null(2));
  CHECK(says(store_error([&] { row.get<std::string>(2); }), "NULL"));
  CHECK(says(store_error([&] { row.get<std::uint64_t>(3); }), "the integer -1"));
  CHECK(says(store_error([&] { row.get<int>(4); }), "the real number 1.5"));
  CHECK(says(store_error([&] { row.get<int>(5); }), "no column 5"));
}

TEST_CASE("execute returns the rows that were changed, and 0 where the statement changes none", "[contract]") {
  SqliteFixture fixture;
  CHECK(fixture.store.execute("create table t(x)") == 0);
  CHECK(fixture.store.execute("insert into t values (?1), (?2), (3)", 1, 2) == 3);
  CHECK(fixture.store.execute("create table u(x)") == 0);
  CHECK(fixture.store.execute("update t set x = x + 1 where x > ?1", 1) == 2);
  CHECK(fixture.store.execute("update t set x = x + 1 where x > ?1", 100) == 0);
}

TEST_CASE("several statements run in order, all or none", "[contract]") {
  SqliteFixture fixture;
  fixture.store.execute(
      "create table t(x); -- a comment\n insert into t values (1); /* another */ insert into t values (2);\n\n;");
  CHECK(fixture.count("t") == 2);
  CHECK(says(store_error([&] { fixture.store.execute("insert into t values (3); insert into nowhere values (1)"); }),
             "no such table: nowhere"));
  CHECK(fixture.count("t") == 2);
}

TEST_CASE("SQL that is cut short or followed by more than its parameters are for is refused", "[contract]") {
  SqliteFixture fixture;
  fixture.store.execute("create table t(x)");
  CHECK(
      says(store_error([&] { fixture.store.execute("insert into t values (?1); delete from t", 1); }), "exactly one"));
  CHECK(says(store_error([&] { fixture.store.execute("insert into t values (?1)"); }), "0 parameters"));
  CHECK(says(store_error([&] { fixture.store.execute("insert into t values (?1)", 1, 2); }), "2 parameters"));
  CHECK(says(store_error([&] { fixture.store.execute(std::string("delete from t\0 where x = 1", 26)); }), "NUL"));
  CHECK(says(store_error([&] { fixture.store.query(""); }), "exactly one"));
  CHECK(says(store_error([&] { fixture.store.query("selec 1"); }), "syntax error"));
  CHECK(fixture.store.execute("") == 0);
  CHECK(fixture.count("t") == 0);
}

TEST_CASE("a handler that writes values into its SQL does not fill the memory with statements", "[contract]") {
  SqliteFixture fixture;
  fixture.store.execute("create table t(x)");
  auto transaction = fixture.begin(orders(0, 1));
  for (int i = 0; i < 1'000; ++i) transaction.execute("insert into t values (" + std::to_string(i) + ")");
  int kept = 0;
  for (auto* s = sqlite3_next_stmt(transaction.database(), nullptr); s;
       s = sqlite3_next_stmt(transaction.database(), s))
    ++kept;
  CHECK(kept < 200);
  REQUIRE_FALSE(transaction.commit());
  CHECK(fixture.count("t") == 1'000);
}

TEST_CASE("the store's query cannot write, and says where to", "[contract]") {
  SqliteFixture fixture;
  fixture.store.execute("create table t(x)");
  CHECK(says(store_error([&] { fixture.store.query("insert into t values (1)"); }), "execute()"));
  CHECK(fixture.count("t") == 0);
}

TEST_CASE("a query's statement is prepared anew after the schema has changed", "[contract]") {
  SqliteFixture fixture;
  fixture.store.execute("create table t(x); insert into t values (1)");
  REQUIRE(fixture.store.query("select * from t").at(0).size() == 1);
  fixture.store.execute("alter table t add column y default 2");
  CHECK(fixture.store.query("select * from t").at(0).get<int>(1) == 2);
}
