#include <nlohmann/json.hpp>

#include "hdfs/local_checkpoint.hpp"

using namespace tidemark;
using namespace tidemark::test;
using namespace std::string_literals;

namespace {

nlohmann::json line(const std::string& text, int number) {
  std::size_t at = 0;
  for (int i = 1; i < number; ++i) at = text.find('\n', at) + 1;
  return nlohmann::json::parse(text.substr(at, text.find('\n', at) - at));
}

}  // namespace

TEST_CASE("a checkpoint written by Spark is gone on from, and its settings carried on", "[hdfs]") {
  LocalCheckpoint checkpoint;
  checkpoint.put("metadata", R"({"id":"9f1e6d31-5c77-4b0c-8d8e-0d62a1f7b1b0"})");
  checkpoint.add(0, R"({"orders":{"0":10}})");
  checkpoint.put(
      "offsets/1",
      "v1\n{\"batchWatermarkMs\":5,\"batchTimestampMs\":1,\"conf\":{\"spark.sql.shuffle.partitions\":\"7\"}}\n"
      "{\"orders\":{\"0\":514,\"12\":3},\"refunds\":{\"0\":9223372036854775807}}");
  checkpoint.put("commits/1", "v1\n{\"nextBatchWatermarkMs\":8}");
  OpenCheckpoint open{checkpoint};
  CHECK(open.group.next(0) == 514);
  CHECK(open.group.next(12) == 3);
  CHECK(open.group.next(0, "refunds") == 9'223'372'036'854'775'807);
  CHECK(open.group.next(1) == std::nullopt);
  REQUIRE_FALSE(open.group.commit({orders(514, 600), orders(0, 7, 1)}));

  const auto offsets = checkpoint.get("offsets/2");
  CHECK(offsets.starts_with("v1\n{"));
  CHECK_FALSE(offsets.ends_with('\n'));
  CHECK(line(offsets, 2)["conf"]["spark.sql.shuffle.partitions"] == "7");
  CHECK(line(offsets, 2)["batchWatermarkMs"] == 8);
  CHECK(line(offsets, 2)["batchTimestampMs"] > 1'700'000'000'000);
  CHECK(line(offsets, 3) ==
        nlohmann::json::parse(R"({"orders":{"0":600,"1":7,"12":3},"refunds":{"0":9223372036854775807}})"));
  CHECK(checkpoint.get("commits/2") == "v1\n{\"nextBatchWatermarkMs\":8}");
  CHECK(checkpoint.get("metadata").find("9f1e6d31") != std::string::npos);
  CHECK(checkpoint.names("offsets") == std::vector<std::string>{"0", "1", "2"});
  CHECK(checkpoint.names("commits") == std::vector<std::string>{"0", "1", "2"});
}

TEST_CASE("a new checkpoint looks as Spark's own", "[hdfs]") {
  LocalCheckpoint checkpoint;
  OpenCheckpoint open{checkpoint};
  REQUIRE_FALSE(open.group.commit({orders(0, 514), orders(3, 17, 1)}));
  CHECK(line(checkpoint.get("offsets/0"), 3).dump() == R"({"orders":{"0":514,"1":17}})");
  CHECK(line(checkpoint.get("metadata"), 1)["id"].get<std::string>().size() == 36);
  CHECK(checkpoint.names(".") == std::vector<std::string>{"commits", "metadata", "offsets"});
}

TEST_CASE("a batch that Spark had planned but not finished does not count, and is not overwritten", "[hdfs]") {
  LocalCheckpoint checkpoint;
  checkpoint.add(6, R"({"orders":{"0":100}})");
  checkpoint.plan(7, R"({"orders":{"0":200}})");
  const auto planned = checkpoint.get("offsets/7");
  OpenCheckpoint open{checkpoint};
  CHECK(open.group.next() == 100);
  REQUIRE_FALSE(open.group.commit(orders(100, 150)));
  CHECK(checkpoint.get("offsets/7") == planned);
  CHECK(checkpoint.names("commits") == std::vector<std::string>{"6", "8"});
  CHECK(OpenCheckpoint{checkpoint}.group.next() == 150);
}

TEST_CASE("before the end of its first batch a query stands where its sources began", "[hdfs]") {
  LocalCheckpoint checkpoint;
  checkpoint.plan(0, "{\"orders\":{\"0\":100}}\n{\"refunds\":{\"0\":9}}");
  checkpoint.put("sources/0/0", "\0v1\n{\"orders\":{\"0\":40}}"s);
  checkpoint.put("sources/1/0", "\0v1\n{\"refunds\":{\"0\":4}}"s);
  OpenCheckpoint open{checkpoint};
  CHECK(open.group.next() == 40);
  CHECK(open.group.next(0, "refunds") == 4);
  REQUIRE_FALSE(open.group.commit(orders(40, 60)));
  CHECK(checkpoint.get("offsets/1").ends_with("{\"orders\":{\"0\":60}}\n{\"refunds\":{\"0\":4}}"));
}

TEST_CASE("a query's sources keep their lines, and a new topic goes to one of them", "[hdfs]") {
  LocalCheckpoint checkpoint;
  checkpoint.add(0, "{\"orders\":{\"0\":1}}\n-\n{\"refunds\":{\"0\":2}}");
  OpenCheckpoint open{checkpoint};
  REQUIRE_FALSE(open.group.commit({orders(1, 5), orders(0, 3, 1), {{"refunds", 0}, 2, 6}, {{"audits", 0}, 0, 8}}));
  CHECK(checkpoint.get("offsets/1")
            .ends_with("\n{\"orders\":{\"0\":5,\"1\":3}}\n-\n{\"audits\":{\"0\":8},\"refunds\":{\"0\":6}}"));
}

TEST_CASE("two sources that read the same partition move together, and are refused where they stand apart", "[hdfs]") {
  LocalCheckpoint checkpoint;
  checkpoint.add(0, "{\"orders\":{\"0\":1}}\n{\"orders\":{\"0\":1}}");
  OpenCheckpoint open{checkpoint};
  REQUIRE_FALSE(open.group.commit(orders(1, 5)));
  CHECK(checkpoint.get("offsets/1").ends_with("\n{\"orders\":{\"0\":5}}\n{\"orders\":{\"0\":5}}"));
  checkpoint.add(2, "{\"orders\":{\"0\":7}}\n{\"orders\":{\"0\":6}}");
  CHECK(says(store_error_of([&] { open.group.next(); }), "/offsets/2", "orders[0]", "7", "6"));
}

TEST_CASE("the last 100 batches are kept, and a longer log is cut down by and by", "[hdfs]") {
  LocalCheckpoint checkpoint;
  for (int batch = 0; batch < 130; ++batch) checkpoint.add(batch, "{\"orders\":{\"0\":" + std::to_string(batch) + "}}");
  checkpoint.put("offsets/.3.crc", "crc");
  checkpoint.put("offsets/.5.0a0a.tidemark", "left by a writer that was killed");
  OpenCheckpoint open{checkpoint};
  for (int next = 129; next < 300; ++next) REQUIRE_FALSE(open.group.commit(orders(next, next + 1)));
  const auto names = checkpoint.names("offsets");
  CHECK(names.size() == 100);
  CHECK(std::ranges::find(names, "201") != names.end());
  CHECK(std::ranges::find(names, "300") != names.end());
  CHECK(checkpoint.names("commits") == names);
}

TEST_CASE("a checksum of Hadoop's that belongs to another file is taken away", "[hdfs]") {
  LocalCheckpoint checkpoint;
  checkpoint.add(0, R"({"orders":{"0":1}})");
  checkpoint.put("offsets/.1.crc", "of an offsets/1 that somebody removed");
  OpenCheckpoint open{checkpoint};
  REQUIRE_FALSE(open.group.commit(orders(1, 2)));
  CHECK(checkpoint.has("offsets/1"));
  CHECK_FALSE(checkpoint.has("offsets/.1.crc"));
}

TEST_CASE("who takes the last commits/N away goes back by one batch", "[hdfs]") {
  LocalCheckpoint checkpoint;
  OpenCheckpoint open{checkpoint};
  REQUIRE_FALSE(open.group.commit(orders(0, 10)));
  REQUIRE_FALSE(open.group.commit(orders(10, 20)));
  std::filesystem::remove(checkpoint.folder / "commits/1");
  CHECK(open.group.next() == 10);
  CHECK(OpenCheckpoint{checkpoint}.group.next() == 10);
}

TEST_CASE("a writer that died between offsets/N and commits/N is made up for", "[hdfs]") {
  LocalCheckpoint checkpoint;
  {
    OpenCheckpoint open{checkpoint};
    REQUIRE_FALSE(open.group.commit(orders(0, 10)));
    REQUIRE_FALSE(open.group.commit(orders(10, 20)));
  }
  const auto id = line(checkpoint.get("offsets/1"), 2)["conf"]["tidemark.commit"].get<std::string>();
  std::filesystem::rename(checkpoint.folder / "commits/1", checkpoint.folder / ("commits/.1." + id + ".tidemark"));
  OpenCheckpoint open{checkpoint};
  SECTION("list() tells the same, and changes nothing") {
    CHECK(open.group.list().at(0).next == 20);
    CHECK_FALSE(checkpoint.has("commits/1"));
  }
  SECTION("by whoever loads") {
    CHECK(open.group.next() == 20);
    CHECK(checkpoint.names("commits") == std::vector<std::string>{"0", "1"});
  }
  SECTION("by whoever commits next") {
    CHECK(open.group.commit(orders(10, 15)) == Conflict{{"orders", 0}, 20});
    REQUIRE_FALSE(open.group.commit(orders(20, 30)));
    CHECK(checkpoint.names("commits") == std::vector<std::string>{"0", "1", "2"});
  }
}

TEST_CASE("a store that slept through a whole purge does not commit at a number that is free again", "[hdfs]") {
  LocalCheckpoint checkpoint{{.keep_batches = 3}};
  OpenCheckpoint sleeper{checkpoint};
  OpenCheckpoint other{checkpoint};
  SECTION("after a commit of its own") { REQUIRE_FALSE(sleeper.group.commit(orders(0, 0))); }
  SECTION("having seen nothing stored") { CHECK(sleeper.group.next() == std::nullopt); }
  if (!other.group.next()) REQUIRE_FALSE(other.group.commit(orders(0, 0)));
  for (int next = 0; next < 20; ++next) REQUIRE_FALSE(other.group.commit(orders(next, next + 1)));
  CHECK(sleeper.group.commit(orders(0, 5)) == Conflict{{"orders", 0}, 20});
  CHECK(OpenCheckpoint{checkpoint}.group.next() == 20);
  REQUIRE_FALSE(sleeper.group.commit(orders(0, 4, 1)));
  CHECK(other.group.list() == std::vector<StoredOffset>{{{"orders", 0}, 20}, {{"orders", 1}, 4}});
}
