// What ends a call before the store's own time limits do: the caller's deadline and stop token.
#include "support/caller_limits.hpp"
#include "hdfs/local_checkpoint.hpp"
#include "support/eventually.hpp"
#include "support/hdfs_server.hpp"
#include "support/unique_name.hpp"

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;

TEST_CASE("calls to a name node that stands still end with their caller's deadline, or when it is stopped", "[hdfs]") {
  auto& server = HdfsServer::shared();
  HdfsOffsetStore store{hdfs_options(server.url("/" + unique_name("limits")))};
  GroupView group{store, "billing"};
  REQUIRE_FALSE(group.commit(orders(0, 10)));
  const CallerLimits limits{{.group = "billing"}};
  const TopicPartition asked{"orders", 0};
  const auto range = orders(10, 20);
  const std::vector<CallerLimits::Call> calls{[&](const GroupSession& session) {
                                                store.load(session, {&asked, 1});
                                              },
                                              [&](const GroupSession& session) {
                                                store.commit(session, {&range, 1});
                                              }};
  server.name_node().freeze();
  std::vector<EndedCall> ended;
  for (const auto& call : calls) {
    ended.push_back(limits.at_deadline(call));
    ended.push_back(limits.at_stop(call));
  }
  server.name_node().thaw();
  for (const auto& [error, took] : ended) {
    CHECK(says(error, "GroupSession::"));
    CHECK((error && error->is_retryable()));
    CHECK(took < 1'000ms);  // request_timeout is 5 s
  }
  std::optional<std::int64_t> stored;
  REQUIRE(eventually([&] { return !store_error_of([&] { stored = group.next(); }); }));
  CHECK((stored == 10 || stored == 20));
}
