#include <sqlite3.h>

#include <chrono>
#include <limits>
#include <string>
#include <vector>

#include "contract/sqlite_fixture.hpp"

using namespace std::chrono_literals;
using namespace tidemark;
using namespace tidemark::test;

namespace {

/// A table without our constraints, with one row whose next_offset is written as `sql`.
void plant(const std::filesystem::path& path, const std::string& next_offset) {
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &database) == SQLITE_OK);
  const auto sql =
      "create table tidemark_offsets(group_id, topic, partition, next_offset, updated_at, primary key(group_id, topic, "
      "partition)); insert into tidemark_offsets values ('billing', 'orders', 3, " +
      next_offset + ", null)";
  REQUIRE(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(database);
}

}  // namespace

TEST_CASE("what is no offset is an error that names its row", "[contract]") {
  const auto value = GENERATE(std::string{"null"}, "'abc'", "''", "'12abc'", "'5'", "-1", "-1001",
                              "9223372036854775808", "1e3", "1e300", "x'05'");
  CAPTURE(value);
  TemporaryFolder folder;
  plant(folder / "offsets.db", value);
  SqliteOffsetStore store{folder / "offsets.db"};
  const GroupSession session{.group = "billing"};
  const TopicPartition partition{"orders", 3};
  const auto range = orders(7, 9, 3);
  const auto check = [](const StoreError& error) {
    CHECK(says(error, "group \"billing\", topic \"orders\", partition 3 in tidemark_offsets"));
    CHECK_FALSE(error.is_retryable());
  };
  check(store_error([&] { store.load(session, {&partition, 1}); }));
  check(store_error([&] { store.commit(session, {&range, 1}); }));
  check(store_error([&] { store.begin(session, {&range, 1}).commit(); }));
  check(store_error([&] { store.list("billing"); }));
  const StoredOffset mended{partition, 5};
  store.overwrite("billing", {&mended, 1});
  CHECK(store.load(session, {&partition, 1}).at(0) == 5);
}

TEST_CASE("the largest offset is kept", "[contract]") {
  SqliteFixture fixture;
  const auto largest = std::numeric_limits<std::int64_t>::max();
  REQUIRE_FALSE(fixture.commit(orders(0, largest)));
  CHECK(fixture.next() == largest);
}

TEST_CASE("a row without a valid partition is an error of list", "[contract]") {
  SqliteFixture fixture;
  const auto partition = GENERATE(std::string{"-1"}, "4294967296", "'x'");
  fixture.store.execute("insert into tidemark_offsets values ('billing', 'orders', " + partition + ", 5, '')");
  CHECK(says(store_error([&] { fixture.store.list("billing"); }), "names no partition"));
}

TEST_CASE("a negative offset is never stored", "[contract]") {
  SqliteFixture fixture;
  CHECK(says(store_error([&] { fixture.commit(orders(0, -1)); }), "negative"));
  CHECK(says(store_error([&] { fixture.commit(orders(-1, 5)); }), "negative"));
  const StoredOffset offsets[] = {{{"orders", 0}, 5}, {{"orders", 1}, -1001}};
  CHECK(says(store_error([&] { fixture.store.overwrite("billing", offsets); }), "-1001"));
  CHECK(fixture.store.list("billing").empty());
}

TEST_CASE("names in errors are cut short and cannot end the message", "[contract]") {
  SqliteFixture fixture;
  const OffsetRange range{{std::string("a\0b", 3) + std::string(10'000, 'c'), 0}, 0, -1};
  const auto error = store_error([&] { fixture.commit(range); });
  CHECK(says(error, "a\\x00bc"));
  CHECK(says(error, "negative"));
  CHECK(std::string_view{error.what()}.size() < 1'000);
}

TEST_CASE("a database that another connection keeps locked is a retryable error that names the option", "[contract]") {
  TemporaryFolder folder;
  SqliteOffsetStore holder{folder / "offsets.db"};
  SqliteOffsetStore store{{.path = folder / "offsets.db", .busy_timeout = 50ms}};
  const std::vector ranges{orders(0, 1)};
  auto held = holder.begin({.group = "other"}, ranges);
  held.database();

  const auto start = std::chrono::steady_clock::now();
  const auto error = store_error([&] { store.commit({.group = "billing"}, ranges); });
  CHECK(std::chrono::steady_clock::now() - start >= 50ms);
  CHECK(error.is_retryable());
  CHECK(says(error, "database is locked"));
  CHECK(says(error, "SqliteOffsetStoreOptions::busy_timeout (50 ms)"));
  CHECK(store_error([&] { store.begin({.group = "billing"}, ranges).database(); }).is_retryable());
  CHECK(store_error([&] { store.execute("create table t(x)"); }).is_retryable());
  CHECK(store.list("billing").empty());  // reading doesn't wait

  REQUIRE_FALSE(held.commit());
  CHECK_FALSE(store.commit({.group = "billing"}, ranges));
}

TEST_CASE("a handler that writes through the store instead of its transaction gets an error, no deadlock",
          "[contract]") {
  TemporaryFolder folder;
  SqliteOffsetStore store{{.path = folder / "offsets.db", .busy_timeout = 20ms}};
  const std::vector ranges{orders(0, 1)};
  auto transaction = store.begin({.group = "billing"}, ranges);
  transaction.execute("create table t(x)");
  const auto error = store_error([&] { store.execute("insert into t values (1)"); });
  CHECK(says(error, "never through the store itself"));
  CHECK(says(error, "busy_timeout (20 ms)"));
  CHECK(error.is_retryable());
  CHECK_FALSE(transaction.commit());
  CHECK(store.execute("insert into t values (1)") == 1);
}

TEST_CASE("SQL that fails says what SQLite said, the SQL, and what to do", "[contract]") {
  SqliteFixture fixture;
  auto transaction = fixture.begin(orders(0, 1));
  const auto error = store_error([&] { transaction.execute("insert into totals values (?1)", 1); });
  CHECK(says(error, "no such table: totals"));
  CHECK(says(error, "insert into totals values (?1)"));
  CHECK(says(error, "SqliteOffsetStore::execute()"));
  CHECK(says(error, fixture.path.string()));
}
