#include <string>
#include <vector>

#include "zookeeper/zookeeper_fixture.hpp"

using namespace tidemark;
using namespace tidemark::test;

TEST_CASE("what is stored is a znode a partition, with the next offset as text", "[zookeeper]") {
  ZooKeeperFixture fixture;
  REQUIRE_FALSE(fixture.commit({orders(0, 100), orders(0, 250, 1), {{"returns", 3}, 5, 7}}));
  CHECK(fixture.probe.get("/consumers/billing/offsets/orders/0") == "100");
  CHECK(fixture.probe.get("/consumers/billing/offsets/orders/1") == "250");
  CHECK(fixture.probe.get("/consumers/billing/offsets/returns/3") == "7");
  CHECK(fixture.probe.acl("/consumers/billing/offsets/orders/0") == "world:anyone:31");
}

TEST_CASE("ZooKeeper's own command line reads what the store writes, and the store what it writes", "[zookeeper]") {
  ZooKeeperFixture fixture;
  REQUIRE_FALSE(fixture.commit(orders(0, 514)));
  CHECK(fixture.server.cli({"get", fixture.path()}).find("\n514\n") != std::string::npos);
  fixture.server.cli({"set", fixture.path(), "700"});
  fixture.server.cli({"create", fixture.path(1), "9223372036854775807"});
  CHECK(fixture.next() == 700);
  CHECK(fixture.next(1) == 9'223'372'036'854'775'807);
  CHECK(fixture.commit(orders(514, 600)) == Conflict{{"orders", 0}, 700});
  REQUIRE_FALSE(fixture.commit(orders(700, 800)));
  fixture.server.cli({"set", fixture.path(), "eight"});
  CHECK(says(store_error_of([&] { fixture.next(); }), fixture.path(), "eight"));
  fixture.server.cli({"deleteall", "/consumers/billing"});
  CHECK(fixture.next() == std::nullopt);
  REQUIRE_FALSE(fixture.commit(orders(3, 4)));
  CHECK(fixture.server.cli({"get", fixture.path()}).find("\n4\n") != std::string::npos);
}

TEST_CASE("a znode that holds no offset is an error that names its path, and is left as it is", "[zookeeper]") {
  ZooKeeperFixture fixture;
  const auto value =
      GENERATE(as<std::string>{}, "", "abc", "12abc", " 12", "12 ", "+5", "-0", "-1", "-1001", "9223372036854775808",
               "99999999999999999999999", "1e3", "007", "12\n", "0x1f", "1.0", "\xd9\xa1", std::string{"1\0", 2});
  fixture.probe.set(fixture.path(), value);
  REQUIRE_FALSE(fixture.commit(orders(0, 5, 1)));
  const auto words = {store_error_of([&] { fixture.next(); }), store_error_of([&] {
                        fixture.commit({orders(5, 6, 1), orders(0, 5)});
                      }),
                      store_error_of([&] { fixture.store->list("billing"); })};
  CAPTURE(value);
  for (const auto& error : words) {
    CHECK(says(error, "the znode " + fixture.path() + " holds \"", "which is no offset", "set " + fixture.path()));
    CHECK((error && !error->is_retryable()));
  }
  CHECK(fixture.probe.get(fixture.path()) == value);
  CHECK(fixture.next(1) == 5);  // the other partition of that commit
  SECTION("the catalog mends it") {
    fixture.store->overwrite("billing", std::vector<StoredOffset>{{{"orders", 0}, 12}});
    CHECK(fixture.next() == 12);
  }
  SECTION("so does another program, and the next commit sees it") {
    fixture.probe.set(fixture.path(), "5");
    CHECK_FALSE(fixture.commit(orders(5, 6)));
  }
}

TEST_CASE("a znode without data is an error too", "[zookeeper]") {
  ZooKeeperFixture fixture;
  fixture.probe.set(fixture.path(), std::nullopt);
  CHECK(says(store_error_of([&] { fixture.next(); }), fixture.path(), "holds nothing"));
  fixture.store->erase("billing", std::vector<TopicPartition>{{"orders", 0}});
  CHECK(fixture.next() == std::nullopt);
}

TEST_CASE("a znode that is named for no partition is an error when a group is listed", "[zookeeper]") {
  ZooKeeperFixture fixture;
  REQUIRE_FALSE(fixture.commit(orders(0, 5)));
  const auto name = GENERATE(as<std::string>{}, "abc", "01", "-1", "2147483648", "1 ");
  fixture.probe.set(fixture.topic + '/' + name, "5");
  CHECK(says(store_error_of([&] { fixture.store->list("billing"); }), fixture.topic + '/' + name, "no partition"));
  CHECK(fixture.next() == 5);
}

TEST_CASE("names that no znode can have are refused before anything is sent", "[zookeeper]") {
  ZooKeeperFixture fixture;
  const auto name = GENERATE(as<std::string>{}, "", ".", "..", "a/b", "../../etc", std::string{"a\0b", 3}, "a\nb",
                             "\x7f", "\xff\xfe", "\xc0\xaf", "\xed\xa0\x80", "\xef\xbf\xbf", "\xf0\x9f\x9b\xab");
  const OffsetRange in_topic{{name, 0}, 0, 1};
  const auto in_group = orders(0, 1);
  const auto errors = {store_error_of([&] { fixture.commit(in_topic); }), store_error_of([&] {
                         fixture.store->commit({.group = name}, {&in_group, 1});
                       }),
                       store_error_of([&] { fixture.store->list(name); })};
  for (const auto& error : errors) {
    CHECK(says(error, "cannot be kept in ZooKeeper"));
    CHECK((error && !error->is_retryable()));
  }
}

TEST_CASE("a commit that is larger than the servers take is refused, and says which setting mends it", "[zookeeper]") {
  auto options = impatient(ZooKeeperServer::shared().port());
  options.max_request_bytes = 2'000;
  ZooKeeperFixture fixture{ZooKeeperServer::shared(), options};
  std::vector<OffsetRange> ranges;
  for (int p = 0; p < 30; ++p) ranges.push_back(orders(0, 5, p));
  const auto error = store_error_of([&] { fixture.commit(ranges); });
  CHECK(says(error, "30 partitions", "jute.maxbuffer", "max_request_bytes (2000)"));
  CHECK((error && !error->is_retryable()));
  CHECK(fixture.next() == std::nullopt);
  ranges.resize(15);
  REQUIRE_FALSE(fixture.commit(ranges));
}

TEST_CASE("the largest request that the store lets through is one that a server takes", "[zookeeper]") {
  ZooKeeperFixture fixture;
  std::vector<OffsetRange> ranges;
  const std::string topic(249, 'x');
  for (int p = 1'000'000;; ++p) {
    ranges.push_back({{topic, p}, 0, 5});
    if (p % 100 != 0) continue;
    if (const auto error = store_error_of([&] { fixture.commit(ranges); })) {
      CHECK(says(error, "jute.maxbuffer"));
      break;
    }
    for (auto& range : ranges) range = {range.partition, 5, 5};
  }
  CHECK(ranges.size() > 2'000);
}
