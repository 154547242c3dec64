// What ends a call before busy_timeout does: the caller's deadline and stop token.
#include "contract/sqlite_fixture.hpp"
#include "support/caller_limits.hpp"

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;

TEST_CASE("calls that wait for another writer end with their caller's deadline, or when it is stopped", "[contract]") {
  SqliteFixture here;
  const auto range = orders(0, 10);
  const auto far_range = orders(0, 1, 1);
  const auto with_transaction = [&](const GroupSession& session) {
    auto transaction = here.store.begin(session, {&range, 1});
    transaction.execute("create table t (a)");
  };
  const auto with_commit = [&](const GroupSession& session) { here.store.commit(session, {&range, 1}); };
  const CallerLimits limits{here.session};
  std::vector<EndedCall> ended;
  const auto call_all = [&] {
    ended.push_back(limits.at_deadline(with_commit));
    ended.push_back(limits.at_stop(with_commit));
    ended.push_back(limits.at_stop(with_transaction));
  };
  SECTION("of this store") {
    auto writer = here.begin(far_range);
    writer.execute("create table t (a)");
    call_all();
  }
  SECTION("of another process's store") {
    SqliteOffsetStore other{here.path};
    auto writer = other.begin(here.session, {&far_range, 1});
    writer.execute("create table t (a)");
    call_all();
  }
  for (const auto& [error, took] : ended) {
    REQUIRE(error);
    CHECK(std::string_view{error->what()}.find("GroupSession::") != std::string_view::npos);
    CHECK(error->is_retryable());
    CHECK(took < 1'000ms);  // busy_timeout is 10 s
  }
  CHECK(here.next() == std::nullopt);
  CHECK_FALSE(here.commit(range));
}
