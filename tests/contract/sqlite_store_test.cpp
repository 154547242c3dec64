#include <tidemark/stores/sqlite.hpp>

#include <tidemark/testing/catch2.hpp>
#include <tidemark/transactional_store.hpp>

#include <sqlite3.h>

#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include "contract/sqlite_fixture.hpp"

using namespace tidemark;
using namespace tidemark::test;
using tidemark::testing::check_conformance;
using tidemark::testing::check_transactional_conformance;

static_assert(TransactionalStore<SqliteOffsetStore>);
static_assert(std::derived_from<SqliteOffsetStore, OffsetCatalog>);

TEST_CASE("the SQLite store keeps the contract", "[contract]") {
  check_conformance({.storage = [] {
    auto folder = std::make_shared<TemporaryFolder>();
    return [folder] { return std::make_unique<SqliteOffsetStore>(*folder / "offsets.db"); };
  }});
}

TEST_CASE("the SQLite store's transactions keep the contract", "[contract]") {
  check_transactional_conformance<SqliteOffsetStore>({.storage = [] {
    auto folder = std::make_shared<TemporaryFolder>();
    const auto path = *folder / "offsets.db";
    SqliteOffsetStore{path}.execute("create table results(key text primary key, value text)");
    return tidemark::testing::TransactionalStorage<SqliteOffsetStore>{
        .open = [folder, path] { return std::make_unique<SqliteOffsetStore>(path); },
        .write =
            [](SqliteTransaction& transaction, const std::string& key, const std::string& value) {
              transaction.execute("insert or replace into results values (?1, ?2)", key, value);
            },
        .read = [path](const std::string& key) -> std::optional<std::string> {
          const auto rows = SqliteOffsetStore{path}.query("select value from results where key = ?1", key);
          if (rows.empty()) return std::nullopt;
          return rows[0].get<std::string>(0);
        }};
  }});
}

TEST_CASE("the table has the documented columns, and a readable time", "[contract]") {
  SqliteFixture fixture;
  REQUIRE_FALSE(fixture.commit(orders(0, 7, 3)));
  const auto rows = fixture.store.query(
      "select group_id, topic, partition, next_offset, updated_at, julianday('now') - julianday(updated_at) from "
      "tidemark_offsets");
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].get<std::string>(0) == "billing");
  CHECK(rows[0].get<std::string>(1) == "orders");
  CHECK(rows[0].get<int>(2) == 3);
  CHECK(rows[0].get<int>(3) == 7);
  CHECK(rows[0].get<std::string>(4).size() == std::string_view{"2013-01-31T23:59:59.999Z"}.size());
  CHECK(rows[0].get<double>(5) < 0.01);
}

TEST_CASE("the file is in WAL mode and synchronous is full unless told otherwise", "[contract]") {
  TemporaryFolder folder;
  SqliteOffsetStore store{folder / "offsets.db"};
  SqliteOffsetStore relaxed{{.path = folder / "other.db", .synchronous = SqliteSynchronous::normal}};
  CHECK(store.query("pragma journal_mode").at(0).get<std::string>(0) == "wal");
  const std::vector<OffsetRange> ranges{orders(0, 1)};
  CHECK(store.begin({.group = "g"}, ranges).query("pragma synchronous").at(0).get<int>(0) == 2);
  CHECK(relaxed.begin({.group = "g"}, ranges).query("pragma synchronous").at(0).get<int>(0) == 1);
}

TEST_CASE("configure reaches the connections of writers and readers", "[contract]") {
  TemporaryFolder folder;
  SqliteOffsetStore store{{.path = folder / "offsets.db", .configure = [](sqlite3* database) {
                             sqlite3_exec(database, "pragma foreign_keys = on", nullptr, nullptr, nullptr);
                           }}};
  CHECK(store.query("pragma foreign_keys").at(0).get<bool>(0));
  store.execute("create table a(id integer primary key); create table b(a integer references a(id))");
  CHECK(says(store_error([&] { store.execute("insert into b values (?1)", 1); }), "FOREIGN KEY constraint failed"));
}

TEST_CASE("10,000 partitions are committed in one go, and fast", "[contract]") {
  SqliteFixture fixture;
  std::vector<OffsetRange> ranges;
  for (std::int32_t p = 0; p < 10'000; ++p) ranges.push_back(orders(0, 10, p));
  REQUIRE_FALSE(fixture.store.commit(fixture.session, ranges));
  for (auto& range : ranges) range = orders(10, 20, range.partition.partition);
  const auto start = std::chrono::steady_clock::now();
  REQUIRE_FALSE(fixture.store.commit(fixture.session, ranges));
  const auto took = std::chrono::steady_clock::now() - start;
  CAPTURE(std::chrono::duration_cast<std::chrono::milliseconds>(took).count());
  CHECK(took < std::chrono::seconds{15});  // under a sanitizer on a busy machine, but not with a transaction each
  CHECK(fixture.store.list("billing").size() == 10'000);
  CHECK(fixture.next(9'999) == 20);
}

TEST_CASE("a path that SQLite gives a meaning to is only a file's name", "[contract]") {
  TemporaryFolder folder;
  SqliteOffsetStore store{folder / "file:x?mode=memory"};
  CHECK(std::filesystem::exists(folder / "file:x?mode=memory"));
  CHECK_THROWS_AS(SqliteOffsetStore{":memory:"}, ConfigError);
  CHECK_THROWS_AS(SqliteOffsetStore{""}, ConfigError);
  CHECK_THROWS_AS(SqliteOffsetStore(folder / std::string("a\0b", 3)), ConfigError);
  CHECK_THROWS_AS(SqliteOffsetStore(
                      SqliteOffsetStoreOptions{.path = folder / "x.db", .busy_timeout = std::chrono::milliseconds{-1}}),
                  ConfigError);
}

TEST_CASE("threads that share a store take turns, and none of them fails", "[contract]") {
  SqliteFixture fixture;
  fixture.store.execute("create table results(partition integer, offset integer)");
  constexpr int threads = 8;
  constexpr int batches = 50;
  std::vector<std::thread> workers;
  std::vector<std::string> failures(threads);
  for (int w = 0; w < threads; ++w)
    workers.emplace_back([&, w] {
      try {
        for (int i = 0; i < batches; ++i) {
          auto transaction = fixture.begin(orders(i, i + 1, w));
          transaction.execute("insert into results values (?1, ?2)", w, i);
          if (transaction.commit()) throw std::runtime_error{"conflict"};
          if (fixture.next(w) != i + 1) throw std::runtime_error{"own commit not seen"};
        }
      } catch (const std::exception& error) {
        failures[static_cast<std::size_t>(w)] = error.what();
      }
    });
  for (auto& worker : workers) worker.join();
  for (const auto& failure : failures) CHECK(failure.empty());
  CHECK(fixture.count("(select distinct partition, offset from results)") == threads * batches);
  CHECK(fixture.count("results") == threads * batches);
}
