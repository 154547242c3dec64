#include "support/unique_name.hpp"
#include "zookeeper/zookeeper_fixture.hpp"

using namespace tidemark;
using namespace tidemark::test;

namespace {

ZooKeeperOffsetStoreOptions as_user(const std::string& chroot, const std::string& user, const std::string& password) {
  auto options = impatient(ZooKeeperServer::shared().port());
  options.chroot = chroot;
  options.user = user;
  options.password = password;
  return options;
}

const TopicPartition partition{"orders", 0};
const GroupSession session{.group = "billing"};

}  // namespace

TEST_CASE("the znodes of a user are for that user alone, and the ones above for all", "[zookeeper]") {
  ZooKeeperProbe probe{ZooKeeperServer::shared().port()};
  const auto chroot = '/' + unique_name("guarded");
  const auto path = chroot + "/consumers/billing/offsets/orders/0";
  auto options = as_user(chroot, "ada", "secret");
  SECTION("others may read") { options.world_may_read = true; }
  SECTION("others may not read"){} {
    ZooKeeperOffsetStore store{options};
    const auto range = orders(0, 10);
    REQUIRE_FALSE(store.commit(session, {&range, 1}));
    const auto onward = orders(10, 20);
    REQUIRE_FALSE(store.commit(session, {&onward, 1}));
  }
  probe.login("ada", "secret");
  CHECK(probe.acl(chroot + "/consumers") == "world:anyone:31");
  const std::string own = probe.acl(chroot + "/consumers/billing");
  CHECK(own.starts_with("digest:ada:"));
  CHECK((own.find("world:anyone:1") != std::string::npos) == options.world_may_read);
  CHECK(own == probe.acl(path));

  ZooKeeperOffsetStore stranger{zookeeper_options(ZooKeeperServer::shared().servers() + chroot)};
  std::optional<std::int64_t> next;
  const auto load = store_error_of([&] { next = stranger.load(session, {&partition, 1}).at(0); });
  if (options.world_may_read)
    CHECK(next == 20);
  else
    CHECK(says(load, path, "user and password"));
  const auto range = orders(20, 30);
  const auto commit = store_error_of([&] { stranger.commit(session, {&range, 1}); });
  CHECK(says(commit, "ZooKeeperOffsetStoreOptions::user"));
  CHECK((commit && !commit->is_retryable()));

  ZooKeeperOffsetStore wrong{as_user(chroot, "ada", "guessed")};
  const auto refused = store_error_of([&] { wrong.commit(session, {&range, 1}); });
  CHECK(says(refused, "ZooKeeperOffsetStoreOptions::user"));
  CHECK_FALSE(says(refused, "guessed"));

  ZooKeeperOffsetStore same{as_user(chroot, "ada", "secret")};
  REQUIRE_FALSE(same.commit(session, {&range, 1}));
}

TEST_CASE("a user stays one through a new connection", "[zookeeper]") {
  ZooKeeperServer server;
  auto options = as_user("/guarded", "ada", "secret");
  options.servers = server.servers();
  ZooKeeperOffsetStore store{options};
  for (std::int64_t i = 0; i < 2; ++i) {
    const auto range = orders(i, i + 1);
    REQUIRE_FALSE(store.commit(session, {&range, 1}));
    server.kill();
    server.start();
  }
  CHECK(store.load(session, {&partition, 1}).at(0) == 2);
}
