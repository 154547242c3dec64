#include "hdfs/local_checkpoint.hpp"
#include "support/free_port.hpp"
#include "support/hdfs_server.hpp"
#include "support/unique_name.hpp"

using namespace tidemark;
using namespace tidemark::test;

namespace {

struct Pair {
  explicit Pair(std::uint16_t first) {
    auto options = hdfs_options(HdfsServer::shared().url("/" + unique_name("pair")));
    options.name_nodes.insert(options.name_nodes.begin(), {"127.0.0.1", first});
    store.emplace(options);
    group.emplace(*store, "billing");
  }

  std::optional<HdfsOffsetStore> store;
  std::optional<GroupView> group;
};

}  // namespace

TEST_CASE("of a pair of name nodes the active one is asked: the other says that it is the standby", "[hdfs]") {
  const HdfsServer standby{{}, HdfsServer::Role::standby};
  Pair pair{standby.port()};
  REQUIRE_FALSE(pair.group->commit(orders(0, 10)));
  CHECK(pair.group->next() == 10);

  auto options = hdfs_options(standby.url("/chk"));
  HdfsOffsetStore alone{options};
  GroupView group{alone, "billing"};
  const auto error = store_error_of([&] { group.next(); });
  CHECK(says(error, "standby", "name_nodes"));
  CHECK((error && error->is_retryable()));
}

TEST_CASE("of a pair of name nodes the one that is there is asked", "[hdfs]") {
  Pair pair{free_port()};
  REQUIRE_FALSE(pair.group->commit(orders(0, 10)));
  REQUIRE_FALSE(pair.group->commit(orders(10, 20)));
  CHECK(pair.group->next() == 20);
}
