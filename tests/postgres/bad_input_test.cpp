#include <tidemark/stores/postgres.hpp>

#include "postgres/postgres_fixture.hpp"
#include "support/free_port.hpp"

using namespace tidemark;
using namespace tidemark::test;

namespace {

std::optional<StoreError> load_error(const PostgresOffsetStoreOptions& options) {
  return store_error_of([&] {
    PostgresOffsetStore store{options};
    const TopicPartition asked{"orders", 0};
    store.load({.group = "billing"}, {&asked, 1});
  });
}

std::string config_error(const PostgresOffsetStoreOptions& options) {
  try {
    PostgresOffsetStore store{options};
  } catch (const ConfigError& error) {
    return error.what();
  }
  return {};
}

bool holds(const std::string& text, std::string_view word) { return text.find(word) != std::string::npos; }

}  // namespace

TEST_CASE("a server that is away, a wrong password and a missing database are told apart", "[postgres]") {
  static PostgresServer server{{.authentication = "scram-sha-256"}};
  const auto away = load_error(impatient(PostgresServer::connection(free_port())));
  CHECK(says(away, "cannot connect", "refused"));
  CHECK(away->is_retryable());
  const auto wrong = load_error(impatient(server.connection() + " password=topsecret"));
  CHECK(says(wrong, "28P01", "pg_hba.conf"));
  CHECK_FALSE(wrong->is_retryable());
  CHECK_FALSE(says(wrong, "topsecret"));
  const auto missing = load_error(impatient(server.connection("nowhere")));
  CHECK(says(missing, "nowhere", "3D000", "dbname"));
  CHECK_FALSE(missing->is_retryable());
  CHECK_FALSE(load_error(impatient(server.connection())));
}

TEST_CASE("a connection string that can't be understood is refused without its text", "[postgres]") {
  const std::string text = GENERATE(as<std::string>{}, "host=a password=top secret", "postgresql://u:top%secret@h/d",
                                    "password='topsecret", "hosst=a password=topsecret");
  const auto error = config_error({.connection = text});
  CHECK(holds(error, "connection"));
  CHECK_FALSE(holds(error, "secret"));
  CHECK_FALSE(holds(error, "hosst"));
}

TEST_CASE("options and names that can't work are refused at once", "[postgres]") {
  PostgresOffsetStoreOptions options{.connection = "host=a"};
  options.table.name = std::string(64, 'x');
  CHECK(holds(config_error(options), "63 bytes"));
  options.table.name = std::string(63, 'x');
  CHECK(config_error(options).empty());
  options.table.topic = std::string{"a\0b", 3};
  CHECK(holds(config_error(options), "NUL"));
  options.table.topic = "topic";
  options.max_connections = 0;
  CHECK(holds(config_error(options), "max_connections"));
  CHECK(holds(config_error({.connection = "host=a,b port=1,2,3"}), "ports"));
}

TEST_CASE("a table of another shape is refused, and says what is wrong", "[postgres]") {
  PostgresFixture fixture;
  const auto [sql, word] =
      GENERATE(table<std::string, std::string>({{"create table tidemark_offsets(id int)", "group_id"},
                                                {"create table tidemark_offsets(group_id text, topic text, partition "
                                                 "int, next_offset text, updated_at timestamptz)",
                                                 "int8"},
                                                {"create table tidemark_offsets(group_id text, topic text, partition "
                                                 "int, next_offset bigint, updated_at timestamptz)",
                                                 "unique index"}}));
  fixture.probe(sql);
  const auto error = store_error_of([&] { fixture.next(); });
  CHECK(says(error, "tidemark_offsets", word, "create table"));
  CHECK_FALSE(error->is_retryable());
}

TEST_CASE("without the right to create the table, the error holds the statement to run", "[postgres]") {
  PostgresFixture fixture;
  fixture.probe("drop role if exists plain");
  fixture.probe("create role plain login");
  fixture.options.connection += " user=plain";
  fixture.open();
  const auto error = store_error_of([&] { fixture.next(); });
  CHECK(says(error, "42501", "create table if not exists \"tidemark_offsets\""));
  CHECK_FALSE(error->is_retryable());
  fixture.options.create_table = false;
  fixture.open();
  CHECK(says(store_error_of([&] { fixture.next(); }), "does not exist", "create_table"));
  fixture.probe(postgres_create_table());
  fixture.probe("grant select, insert, update, delete on tidemark_offsets to plain");
  REQUIRE_FALSE(fixture.commit(orders(0, 5)));
  fixture.probe("revoke all on tidemark_offsets from plain; drop role plain");
}

TEST_CASE("a read-only server, a full one and a slow statement are retried", "[postgres]") {
  // One for each section: what another one has just ended may still hold a connection.
  PostgresServer server{{.settings = {{"max_connections", "4"}, {"superuser_reserved_connections", "0"}}}};
  PostgresFixture fixture{server};
  REQUIRE_FALSE(fixture.commit(orders(0, 5)));
  SECTION("read-only") {
    fixture.options.connection += " options='-c default_transaction_read_only=on'";
    fixture.open();
    const auto error = store_error_of([&] { fixture.commit(orders(5, 6)); });
    CHECK(says(error, "25006", "target_session_attrs"));
    CHECK(error->is_retryable());
  }
  SECTION("full") {
    fixture.open();
    std::vector<std::unique_ptr<PostgresProbe>> others;
    try {
      while (true) others.push_back(std::make_unique<PostgresProbe>(server.connection()));
    } catch (const std::runtime_error&) {
    }
    const auto error = store_error_of([&] { fixture.next(); });
    CHECK(says(error, "53300", "max_connections"));
    CHECK(error->is_retryable());
  }
  SECTION("slow") {
    fixture.options.timeout = std::chrono::milliseconds{300};
    fixture.open();
    auto transaction = fixture.begin(orders(5, 6));
    const auto error = store_error_of([&] { transaction.execute("select pg_sleep(60)"); });
    CHECK(says(error, "timeout"));
    CHECK(error->is_retryable());
  }
  SECTION("a call's own deadline") {
    fixture.probe("begin; lock table tidemark_offsets");
    fixture.session.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds{200};
    const auto error = store_error_of([&] { fixture.commit(orders(5, 6)); });
    CHECK(says(error, "deadline"));
    CHECK(error->is_retryable());
    fixture.probe("rollback");
  }
}

TEST_CASE("a full disk is named, and the batch goes in once there is room", "[postgres]") {
  PostgresServer server{{.largest_file = (20 << 20) + 1'000}};
  PostgresFixture fixture{server};
  fixture.probe("create table log(body text)");
  REQUIRE_FALSE(fixture.commit(orders(0, 5)));
  const std::string body(1'000, 'x');
  const auto fill = [&](int rows) {
    auto transaction = fixture.begin(orders(5, 6));
    transaction.execute("insert into log select $1 from generate_series(1, $2)", body, rows);
    return transaction.commit();
  };
  const auto error = store_error_of([&] { fill(30'000); });
  CHECK(says(error, "53100", "make room"));
  CHECK(error->is_retryable());
  CHECK(fixture.next() == 5);
  fixture.probe("vacuum log");  // there is room again
  REQUIRE_FALSE(fill(10));
  CHECK(fixture.next() == 6);
  CHECK(fixture.probe("select count(*) from log") == "10");
}

TEST_CASE("texts that PostgreSQL can't hold are refused, and nothing is stored", "[postgres]") {
  PostgresFixture fixture;
  const std::string topic = GENERATE(as<std::string>{}, std::string{"a\0b", 3}, "\xff\xfe");
  const OffsetRange range{{topic, 0}, 0, 5};
  const auto error = store_error_of([&] { fixture.commit(range); });
  REQUIRE(error);
  CHECK_FALSE(error->is_retryable());
  CHECK(fixture.store->list("billing").empty());
}

TEST_CASE("Koeninger's table is gone on from, and its offsets can be copied", "[postgres]") {
  PostgresFixture fixture;
  fixture.probe("create table txn_offsets(topic varchar(255), part int, off bigint, unique(topic, part))");
  fixture.probe("insert into txn_offsets values ('orders', 0, 42), ('orders', 1, 7)");
  REQUIRE_FALSE(fixture.commit(orders(0, 1, 9)));
  fixture.store->overwrite("billing",
                           read_postgres_offsets(*fixture.store, "select topic, part, off from txn_offsets"));
  CHECK(fixture.stored() == "orders|0|42\norders|1|7\norders|9|1");
  CHECK(
      says(store_error_of([&] { read_postgres_offsets(*fixture.store, "select topic, part, -off from txn_offsets"); }),
           "-42"));

  fixture.options.table = {.name = "txn_offsets", .group = "", .partition = "part", .next = "off", .updated_at = ""};
  fixture.open();
  CHECK(fixture.next() == 42);
  REQUIRE_FALSE(fixture.commit({orders(42, 50), orders(0, 3, 2)}));
  CHECK(fixture.commit(orders(42, 60)) == Conflict{{"orders", 0}, 50});
  CHECK(fixture.probe("select * from txn_offsets order by 1, 2") == "orders|0|50\norders|1|7\norders|2|3");
  fixture.session.group = "another";
  CHECK(says(store_error_of([&] { fixture.next(); }), "one group", "another"));
}
