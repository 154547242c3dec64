#include <tidemark/stores/postgres.hpp>

#include <tidemark/testing/catch2.hpp>
#include <tidemark/transactional_store.hpp>

#include <barrier>
#include <concepts>
#include <future>
#include <vector>

#include "postgres/postgres_fixture.hpp"
#include "support/cutting_proxy.hpp"
#include "support/eventually.hpp"

using namespace tidemark;
using namespace tidemark::test;
using tidemark::testing::check_conformance;
using tidemark::testing::check_transactional_conformance;

static_assert(TransactionalStore<PostgresOffsetStore>);
static_assert(std::derived_from<PostgresOffsetStore, OffsetCatalog>);

namespace {

constexpr std::chrono::milliseconds call_timeout{2'000};

/// A server of its own, behind a proxy that can lose a reply.
struct Breakable {
  PostgresServer server;
  CuttingProxy proxy{server.port()};
  std::string database;
  std::future<void> meanwhile;

  std::string connection() const { return PostgresServer::connection(proxy.port(), database); }
  void refuse(bool on) {
    auto probe = server.probe();
    probe(std::string{"alter system set default_transaction_read_only = "} + (on ? "on" : "off"));
    probe("select pg_reload_conf()");
    REQUIRE(eventually([&] { return server.probe()("show default_transaction_read_only") == (on ? "on" : "off"); }));
  }
  void lose_reply(std::function<void()> action) {
    const auto changed = [this] {
      return server.probe(database)("select count(*) from tidemark_offsets where next_offset = 20");
    };
    proxy.arm(CuttingProxy::Cut{CuttingProxy::Direction::reply, 0, CuttingProxy::Fault::stall});
    meanwhile = std::async(std::launch::async, [this, changed, action = std::move(action)] {
      if (eventually([&] { return proxy.has_cut() && changed() != "0"; })) action();
    });
  }
};

}  // namespace

TEST_CASE("the PostgreSQL store keeps the contract, when its server freezes, dies or refuses, too", "[postgres]") {
  static Breakable broken;  // not the shared one, which others need; the sections share it
  check_conformance(
      {.storage =
           [] {
             broken.database = broken.server.make_database();
             auto options = impatient(broken.connection());
             options.timeout = call_timeout;
             return [options] { return std::make_unique<PostgresOffsetStore>(options); };
           },
       .capabilities = {.refuses_odd_names = true},
       .faults = {.disconnect = [] { broken.server.disconnect_all(); },
                  .refuse = [](bool on) { broken.refuse(on); },
                  .lose_reply = [](std::function<void()> action) { broken.lose_reply(std::move(action)); },
                  .freeze = [](bool on) { on ? broken.server.freeze() : broken.server.thaw(); },
                  .restart =
                      [] {
                        broken.server.stop_immediately();
                        broken.server.start();
                      },
                  .longest_call = call_timeout}});
}

TEST_CASE("the PostgreSQL store's transactions keep the contract", "[postgres]") {
  check_transactional_conformance<PostgresOffsetStore>({.storage = [] {
    auto& server = PostgresServer::shared();
    const auto connection = server.connection(server.make_database());
    auto probe = std::make_shared<PostgresProbe>(connection);
    (*probe)("create table results(key text primary key, value text)");
    return tidemark::testing::TransactionalStorage<PostgresOffsetStore>{
        .open = [connection] { return std::make_unique<PostgresOffsetStore>(impatient(connection)); },
        .write =
            [](PostgresTransaction& transaction, const std::string& key, const std::string& value) {
              transaction.execute(
                  "insert into results values ($1, $2) on conflict (key) do update set value = excluded.value", key,
                  value);
            },
        .read = [connection](const std::string& key) -> std::optional<std::string> {
          auto found = PostgresProbe{connection}("select value from results where key = '" + key + "'");
          if (found.empty()) return std::nullopt;
          return found;
        }};
  }});
}

TEST_CASE("what is stored is a row a partition, in a table that the first call creates", "[postgres]") {
  PostgresFixture fixture;
  REQUIRE_FALSE(fixture.commit({orders(0, 100), orders(0, 250, 1), orders(7, 7, 12)}));
  CHECK(fixture.stored() == "orders|0|100\norders|1|250\norders|12|7");
  CHECK(fixture.probe("select distinct group_id from tidemark_offsets") == "billing");
  CHECK(fixture.next(12) == 7);
  CHECK(fixture.next(2) == std::nullopt);
}

TEST_CASE("a commit in which some partitions are done moves the others, and a mismatch moves none", "[postgres]") {
  PostgresFixture fixture;
  REQUIRE_FALSE(fixture.commit({orders(0, 10), orders(0, 20, 1)}));
  REQUIRE_FALSE(fixture.commit({orders(0, 10), orders(20, 30, 1), orders(5, 6, 2)}));
  CHECK(fixture.stored() == "orders|0|10\norders|1|30\norders|2|6");
  CHECK(fixture.commit({orders(10, 11), orders(29, 31, 1)}) == Conflict{{"orders", 1}, 30});
  CHECK(fixture.stored() == "orders|0|10\norders|1|30\norders|2|6");
}

TEST_CASE("a commit is one statement, however many partitions it moves", "[postgres]") {
  PostgresFixture fixture;
  fixture.probe("create extension pg_stat_statements");
  const std::int32_t partitions = GENERATE(1, 1'000);
  std::vector<OffsetRange> ranges;
  for (std::int32_t p = 0; p < partitions; ++p) ranges.push_back(orders(0, 1, p));
  REQUIRE_FALSE(fixture.commit(ranges));
  fixture.probe("select pg_stat_statements_reset()");
  for (int round = 1; round <= 20; ++round) {
    for (auto& range : ranges) range = orders(round, round + 1, range.partition.partition);
    REQUIRE_FALSE(fixture.commit(ranges));
  }
  CHECK(
      fixture.probe("select sum(calls) from pg_stat_statements s join pg_database d on d.oid = s.dbid where datname = "
                    "current_database() and query not like '%pg_stat_statements%'") == "20");
  CHECK(fixture.next(partitions - 1) == 21);
}

TEST_CASE("a row that holds no offset is an error that names it", "[postgres]") {
  PostgresFixture fixture;
  fixture.probe(
      "create table tidemark_offsets(group_id text, topic text, partition int, next_offset bigint, updated_at "
      "timestamptz, "
      "unique(group_id, topic, partition))");
  const std::string value = GENERATE(as<std::string>{}, "-1", "null");
  fixture.probe("insert into tidemark_offsets values ('billing', 'orders', 3, " + value + ")");
  for (const auto& error :
       {store_error_of([&] { fixture.next(3); }), store_error_of([&] { fixture.commit(orders(0, 1, 3)); }),
        store_error_of([&] { fixture.begin(orders(0, 1, 3)).commit(); }),
        store_error_of([&] { fixture.store->list("billing"); })}) {
    REQUIRE(says(error, "tidemark_offsets", "orders", "partition 3", value == "null" ? "NULL" : value));
    CHECK_FALSE(error->is_retryable());
  }
}

TEST_CASE("stores that create their table at once all go on", "[postgres]") {
  PostgresFixture fixture;
  constexpr int stores = 8;
  for (int round = 0; round < 20; ++round) {
    std::barrier together{stores};
    std::vector<std::future<void>> all;
    for (int i = 0; i < stores; ++i)
      all.push_back(std::async(std::launch::async, [&] {
        PostgresOffsetStore store{fixture.options};
        together.arrive_and_wait();
        const TopicPartition partition{"orders", 0};
        static_cast<void>(store.load(fixture.session, {&partition, 1}));
      }));
    for (auto& one : all) REQUIRE_NOTHROW(one.get());
    fixture.probe("drop table tidemark_offsets");
  }
}
