// What ends a call before the store's own time limits do: the caller's deadline and stop token.
#include "support/caller_limits.hpp"
#include "support/eventually.hpp"
#include "zookeeper/zookeeper_fixture.hpp"

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;

TEST_CASE("calls to a server that stands still end with their caller's deadline, or when it is stopped",
          "[zookeeper]") {
  ZooKeeperServer server;
  auto options = zookeeper_options(server.servers());
  ZooKeeperFixture here{server, options};
  REQUIRE_FALSE(here.commit(orders(0, 10)));
  const CallerLimits limits{here.session};
  const TopicPartition asked{"orders", 0};
  const auto range = orders(10, 20);
  const std::vector<CallerLimits::Call> calls{[&](const GroupSession& session) {
                                                here.store->load(session, {&asked, 1});
                                              },
                                              [&](const GroupSession& session) {
                                                here.store->commit(session, {&range, 1});
                                              }};
  server.freeze();
  std::vector<EndedCall> ended;
  for (const auto& call : calls) {
    ended.push_back(limits.at_deadline(call));
    ended.push_back(limits.at_stop(call));
  }
  server.thaw();
  for (const auto& [error, took] : ended) {
    CHECK(says(error, "GroupSession::"));
    CHECK((error && error->is_retryable()));
    CHECK(took < 1'000ms);  // the store's own limits are several seconds
  }
  std::optional<std::int64_t> stored;
  REQUIRE(eventually([&] { return !store_error_of([&] { stored = here.next(); }); }));
  CHECK((stored == 10 || stored == 20));
}
