#include <chrono>
#include <future>

#include "postgres/postgres_fixture.hpp"
#include "postgres/promoted_standby.hpp"
#include "support/eventually.hpp"

using namespace tidemark;
using namespace tidemark::test;

TEST_CASE("a cancelled wait for a synchronous standby is an unknown outcome, which the next attempt finds out",
          "[postgres]") {
  // A standby that is away: whoever asks for synchronous commits waits for it.
  PostgresServer server{{.settings = {{"synchronous_standby_names", "nobody"}, {"synchronous_commit", "local"}}}};
  PostgresFixture fixture{server};
  fixture.probe("create table results(batch int)");
  REQUIRE_FALSE(fixture.commit(orders(0, 10)));
  const auto local = fixture.options;
  fixture.options.connection += " options='-c synchronous_commit=on'";
  fixture.options.timeout = std::chrono::seconds{30};
  fixture.open();
  const auto cancelled = [&](auto commit) {
    auto committing = std::async(std::launch::async, [&] { return store_error_of(commit); });
    REQUIRE(eventually([&] {
      return fixture.probe("select count(pg_cancel_backend(pid)) from pg_stat_activity where wait_event = 'SyncRep'") !=
             "0";
    }));
    auto error = committing.get();
    fixture.options = local;
    fixture.open();
    return error;
  };

  SECTION("of a transaction") {
    const auto run = [&] {
      auto transaction = fixture.begin(orders(10, 20));
      transaction.execute("insert into results values (1)");
      return transaction.commit();
    };
    const auto error = cancelled(run);
    CHECK(says(error, "standby", "unknown"));
    CHECK(error->is_retryable());
    CHECK_FALSE(run());
    CHECK(fixture.probe("select count(*) from results") == "1");
  }
  SECTION("of a plain commit") {
    const auto run = [&] { return fixture.commit(orders(10, 20)); };
    const auto error = cancelled(run);
    CHECK(says(error, "standby", "unknown"));
    CHECK(error->is_retryable());
    CHECK_FALSE(run());
  }
  CHECK(fixture.next() == 20);
}

TEST_CASE("a standby that lagged is promoted, and results and offsets agree", "[postgres]") { promote_standbys(2); }
