#include <tidemark/stores/hbase.hpp>

#include <atomic>
#include <chrono>
#include <string>
#include <vector>

#include "hbase/hbase_fixture.hpp"
#include "support/eventually.hpp"
#include "support/unique_name.hpp"
#include "testing/contest.hpp"

using namespace tidemark;
using namespace tidemark::test;

static_assert(std::derived_from<HBaseOffsetStore, OffsetCatalog>);

TEST_CASE("what is stored is a row of partition to next offset, and a token", "[hbase]") {
  HBaseFixture fixture;
  REQUIRE_FALSE(fixture.commit({orders(0, 100), orders(0, 250, 1), orders(7, 7, 12)}));
  CHECK(fixture.probe.row(fixture.row) == "0=100 1=250 12=7");
  CHECK(fixture.probe.keys() == fixture.row);
  const auto token = fixture.probe.get(fixture.row, "commit");
  REQUIRE(token);
  REQUIRE_FALSE(fixture.commit(orders(100, 101)));
  CHECK(fixture.probe.get(fixture.row, "commit") != token);
}

TEST_CASE("a row that another program wrote is gone on from, and back", "[hbase]") {
  HBaseFixture fixture;
  fixture.probe.put(fixture.row, "0", "514");
  fixture.probe.put(fixture.row, "1", "9223372036854775807");
  CHECK(fixture.next(0) == 514);
  CHECK(fixture.next(1) == 9'223'372'036'854'775'807);
  CHECK(fixture.next(2) == std::nullopt);
  REQUIRE_FALSE(fixture.commit(orders(514, 600)));
  CHECK(fixture.probe.get(fixture.row, "0") == "600");
  CHECK(fixture.commit({orders(600, 610), orders(5, 6, 1)}) == Conflict{{"orders", 1}, 9'223'372'036'854'775'807});
}

TEST_CASE("another program's reset between two commits holds once the token is removed, or where each commit looks",
          "[hbase]") {
  HBaseFixture fixture;
  REQUIRE_FALSE(fixture.commit({orders(0, 10), orders(0, 10, 1)}));

  fixture.probe.put(fixture.row, "0", "5");
  fixture.probe.remove(fixture.row, "commit");
  CHECK(fixture.commit({orders(10, 20), orders(10, 20, 1)}) == Conflict{{"orders", 0}, 5});
  CHECK(fixture.probe.row(fixture.row) == "0=5 1=10");
  REQUIRE_FALSE(fixture.commit({orders(5, 20), orders(10, 20, 1)}));

  fixture.options.look_before_commit = true;
  HBaseOffsetStore looking{fixture.options};
  const std::vector<OffsetRange> first{orders(20, 30), orders(20, 30, 1)};
  REQUIRE_FALSE(looking.commit(fixture.session, first));
  fixture.probe.put(fixture.row, "1", "5");
  const std::vector<OffsetRange> second{orders(30, 40), orders(30, 40, 1)};
  CHECK(looking.commit(fixture.session, second) == Conflict{{"orders", 1}, 5});

  // What the documentation warns of: the store has not looked, and the token is unchanged.
  REQUIRE_FALSE(fixture.commit({orders(30, 40), orders(5, 40, 1)}));
  fixture.probe.put(fixture.row, "0", "5");
  REQUIRE_FALSE(fixture.commit({orders(40, 50), orders(40, 50, 1)}));
  CHECK(fixture.probe.row(fixture.row) == "0=50 1=50");
}

TEST_CASE("a value that is no offset is an error that names table, row, column and value", "[hbase]") {
  HBaseFixture fixture;
  for (const std::string value : {"", "abc", "12abc", " 12", "12 ", "+5", "-1", "-1001", "007", "1e3",
                                  "9223372036854775808", "0x10", "1.0", "12\n"}) {
    CAPTURE(value);
    fixture.probe.put(fixture.row, "3", value);
    const auto shown = value == "12\n" ? std::string{"\"12\\x0a\""} : '"' + value + '"';
    for (const auto& error :
         {store_error_of([&] { fixture.next(3); }), store_error_of([&] { fixture.commit(orders(0, 1, 3)); }),
          store_error_of([&] { fixture.store->list("billing"); })}) {
      CHECK(says(error, "\"tidemark_offsets\"", "\"billing:orders\"", "\"offsets:3\"", shown));
      CHECK_FALSE(error->is_retryable());
    }
    CHECK(fixture.probe.get(fixture.row, "3") == value);
  }
  fixture.store->overwrite("billing", std::vector<StoredOffset>{{{"orders", 3}, 5}});
  CHECK(fixture.next(3) == 5);
}

TEST_CASE("another column than a partition does not hinder a consumer, but is shown by list", "[hbase]") {
  HBaseFixture fixture;
  fixture.probe.put(fixture.row, "0", "5");
  fixture.probe.put(fixture.row, "updated_at", "yesterday");
  CHECK(fixture.next() == 5);
  REQUIRE_FALSE(fixture.commit(orders(5, 6)));
  CHECK(says(store_error_of([&] { fixture.store->list("billing"); }), "\"billing:orders\"", "updated_at"));
}

TEST_CASE("names are escaped, so that none reaches another's row", "[hbase]") {
  HBaseFixture fixture;
  const auto store_as = [&](std::string_view group, const std::string& topic) {
    const OffsetRange range{{topic, 0}, 0, 1};
    REQUIRE_FALSE(fixture.store->commit({.group = group}, {&range, 1}));
  };
  store_as("a:b", "c");
  store_as("a", "b:c");
  store_as("a%3Ab", "c");
  store_as("caf\xc3\xa9 1", "x_y-z.0");
  CHECK(fixture.probe.keys() == "a%253Ab:c a%3Ab:c a:b%3Ac caf%C3%A9%201:x_y-z.0");
  CHECK(fixture.store->list("a") == std::vector<StoredOffset>{{{"b:c", 0}, 1}});
  CHECK(fixture.store->list("a:b") == std::vector<StoredOffset>{{{"c", 0}, 1}});
}

TEST_CASE("names that are longer than a row's key may be are refused", "[hbase]") {
  HBaseFixture fixture;
  const std::string group(11'000, ' ');
  const OffsetRange range = orders(0, 1);
  const auto error = store_error_of([&] { fixture.store->commit({.group = group}, {&range, 1}); });
  CHECK(says(error, "32767", "shorter names"));
  CHECK_FALSE(error->is_retryable());
}

TEST_CASE("a conflict in one topic holds back the others of the commit", "[hbase]") {
  HBaseFixture fixture;
  REQUIRE_FALSE(fixture.commit({{{"a", 0}, 0, 5}, {{"b", 0}, 0, 6}, {{"a", 1}, 0, 7}}));
  CHECK(fixture.commit({{{"a", 0}, 5, 10}, {{"b", 0}, 4, 10}, {{"a", 1}, 1, 2}}) == Conflict{{"b", 0}, 6});
  CHECK(fixture.probe.row("billing:a") == "0=5 1=7");
  CHECK(fixture.probe.row("billing:b") == "0=6");
  REQUIRE_FALSE(fixture.commit({{{"a", 0}, 5, 10}, {{"b", 0}, 6, 10}, {{"a", 1}, 7, 7}}));
  CHECK(fixture.store->list("billing") == std::vector<StoredOffset>{{{"a", 0}, 10}, {{"a", 1}, 7}, {{"b", 0}, 10}});
}

TEST_CASE("members that commit different partitions of a topic all get on", "[hbase]") {
  HBaseFixture fixture;
  constexpr int members = 4;
  constexpr std::int64_t commits = 150;
  std::atomic<int> wrong = 0;
  tidemark::testing::contest(members, [&](int member, const tidemark::testing::Meet&) {
    HBaseOffsetStore store{fixture.options};
    for (std::int64_t i = 0; i < commits; ++i) {
      const std::vector<OffsetRange> ranges{orders(i, i + 1, 2 * member), orders(i * 9, i * 9 + 9, 2 * member + 1)};
      if (store.commit(fixture.session, ranges)) ++wrong;
    }
  });
  CHECK(wrong == 0);
  for (std::int32_t member = 0; member < members; ++member) {
    CHECK(fixture.next(2 * member) == commits);
    CHECK(fixture.next(2 * member + 1) == commits * 9);
  }
}

TEST_CASE("of members that commit the same partitions of a topic exactly one moves each range", "[hbase]") {
  HBaseFixture fixture;
  constexpr int members = 4;
  constexpr std::int64_t steps = 100;
  std::vector<std::atomic<int>> winners(steps);
  tidemark::testing::contest(members, [&](int member, const tidemark::testing::Meet& meet) {
    HBaseOffsetStore store{fixture.options};
    for (std::int64_t step = 0; step < steps; ++step) {
      meet();
      // Each to an offset of its own; all go on from the winner's.
      const TopicPartition asked{"orders", 0};
      const auto from = step == 0 ? 0 : store.load(fixture.session, {&asked, 1}).at(0).value();
      meet();
      const auto until = (step + 1) * 100 + member;
      const std::vector<OffsetRange> ranges{orders(from, until), orders(from, until, 1)};
      if (!store.commit(fixture.session, ranges)) ++winners[static_cast<std::size_t>(step)];
    }
  });
  for (const auto& winner : winners) CHECK(winner == 1);
  CHECK(fixture.next(0) == fixture.next(1));
}

TEST_CASE("what is stored right after a removal stays", "[hbase]") {
  HBaseFixture fixture;
  const std::vector<TopicPartition> partitions{{"orders", 0}, {"orders", 1}};
  for (std::int64_t i = 1; i <= 100; ++i) {
    REQUIRE_FALSE(fixture.commit({orders(0, i), orders(0, i, 1)}));
    REQUIRE(fixture.probe.row(fixture.row) == "0=" + std::to_string(i) + " 1=" + std::to_string(i));
    fixture.store->erase("billing", partitions);
    REQUIRE(fixture.probe.row(fixture.row).empty());
  }
}

TEST_CASE("where cells expire, a partition without records keeps its offset while others are committed", "[hbase]") {
  constexpr int seconds = 8;
  auto options = emptied_hbase();
  options.table = unique_name("expiring");
  HBaseProbe probe{options.port, options.table};
  probe.create_table(seconds);
  HBaseOffsetStore store{options};
  const GroupSession session{"billing"};
  const TopicPartition idle{"orders", 1};
  std::vector<OffsetRange> both{{{"orders", 0}, 0, 1}, {idle, 0, 10}};
  REQUIRE_FALSE(store.commit(session, both));
  // Another process, which has never seen the idle partition, commits.
  HBaseOffsetStore other{options};
  const auto began = std::chrono::steady_clock::now();
  std::int64_t next = 1;
  const auto commits_until_expired = [&] {
    const OffsetRange busy{{"orders", 0}, next, next + 1};
    REQUIRE_FALSE(other.commit(session, {&busy, 1}));
    ++next;
    return std::chrono::steady_clock::now() - began > std::chrono::seconds{2 * seconds};
  };
  REQUIRE(eventually(commits_until_expired, std::chrono::minutes{1}));
  CHECK(store.load(session, {&idle, 1}).front() == 10);
}
