#include <array>
#include <chrono>

#include "support/eventually.hpp"
#include "support/free_port.hpp"
#include "zookeeper/steady_committer.hpp"

using namespace std::chrono_literals;
using namespace tidemark;
using namespace tidemark::test;

TEST_CASE("a server that stands still is a clear error, and all is well when it goes on", "[zookeeper]") {
  ZooKeeperServer server;
  auto options = impatient(server.port());
  options.session_timeout = 1'000ms;
  options.call_timeout = 1'500ms;
  ZooKeeperFixture fixture{server, options};
  REQUIRE_FALSE(fixture.commit(orders(0, 100)));

  server.freeze();
  const auto began = std::chrono::steady_clock::now();
  const auto commit = store_error_of([&] { fixture.commit(orders(100, 200)); });
  const auto load = store_error_of([&] { fixture.next(); });
  const auto took = std::chrono::steady_clock::now() - began;
  CHECK(says(commit, server.servers(), "no server could be reached", "call_timeout (1500 ms)",
             "may or may not have been carried out"));
  CHECK(says(load, "no server could be reached", "raise call_timeout"));
  CHECK((commit && commit->is_retryable() && load && load->is_retryable()));
  CHECK(took >= 3'000ms);
  CHECK(took < 6'000ms);

  server.thaw();
  fixture.probe = ZooKeeperProbe{server.port()};
  // The commit reached the server before it stood still, or not: both are allowed, and told apart.
  const auto stored = fixture.next();
  CHECK((stored == 100 || stored == 200));
  REQUIRE_FALSE(fixture.commit(orders(100, 200)));
  CHECK(fixture.probe.version(fixture.path()) == 1);
  REQUIRE_FALSE(fixture.commit(orders(200, 300)));
  CHECK(fixture.next() == 300);
}

TEST_CASE("a store cannot be opened where nobody answers, and says so", "[zookeeper]") {
  auto options = impatient(free_port());
  options.call_timeout = 300ms;
  const auto error = store_error_of([&] { ZooKeeperOffsetStore{options}; });
  CHECK(says(error, options.servers, "no server could be reached", "call_timeout (300 ms)"));
  CHECK(error->is_retryable());

  options.servers = "no-such-host.invalid:2181";
  const auto unknown = store_error_of([&] { ZooKeeperOffsetStore{options}; });
  CHECK(says(unknown, "no-such-host.invalid", "ZooKeeperOffsetStoreOptions::"));
}

TEST_CASE("of several servers one that answers is enough", "[zookeeper]") {
  ZooKeeperFixture fixture;
  auto options = impatient(fixture.server.port());
  options.servers =
      "127.0.0.1:" + std::to_string(free_port()) + ',' + options.servers + ",127.0.0.1:" + std::to_string(free_port());
  ZooKeeperOffsetStore store{options};
  const auto range = orders(0, 5);
  REQUIRE_FALSE(store.commit(fixture.session, {&range, 1}));
  CHECK(fixture.next() == 5);
}

TEST_CASE("a session that has ended is replaced by a new one, in the middle of commits too", "[zookeeper]") {
  ZooKeeperServer server;
  ZooKeeperFixture fixture{server};
  Process committer{{.command = {TIDEMARK_ZOOKEEPER_COMMITTER, server.servers(), "billing", "orders"}}};
  std::size_t seen = 0;
  for (int round = 0; round < 5; ++round) {
    REQUIRE(eventually([&] { return committer.output().size() > seen + 100 || !committer.running(); }));
    committer.freeze();
    seen = committer.output().size();
    // Of the sessions those of this process are left.
    REQUIRE(eventually([&] { return server.ask("mntr").find("zk_global_sessions\t2\n") != std::string::npos; }));
    committer.thaw();
  }
  REQUIRE(eventually([&] { return committer.output().size() > seen + 100 || !committer.running(); }));
  REQUIRE(committer.running());
  committer.send(SIGTERM);
  REQUIRE(committer.wait(30s) == ExitStatus{.code = 0});
  const auto output = committer.output();
  const auto last = output.substr(output.rfind("committed ") + 10);
  INFO(output.substr(0, 1'000));
  CHECK(fixture.probe.get(fixture.path()).value_or("") + "\n" == last);
  CHECK(std::to_string(fixture.probe.version(fixture.path()) + 1) + "\n" == last);
}
