#include <sys/stat.h>

#include "hdfs/local_checkpoint.hpp"

using namespace tidemark;
using namespace tidemark::test;
using namespace std::string_literals;

namespace {

const auto good = "v1\n{\"batchWatermarkMs\":0,\"batchTimestampMs\":1,\"conf\":{}}\n{\"orders\":{\"0\":5}}"s;
const auto good_commit = "v1\n{\"nextBatchWatermarkMs\":0}"s;

/// What all four ways to use the store say.
void must_refuse(const LocalCheckpoint& checkpoint, const std::string& path, const std::string& detail) {
  OpenCheckpoint open{checkpoint};
  const auto named = (path.empty() ? checkpoint.folder.path() : checkpoint.folder / path).string();
  for (const auto& error :
       {store_error_of([&] { open.group.next(); }), store_error_of([&] { open.group.commit(orders(5, 6)); }),
        store_error_of([&] { open.group.list(); }), store_error_of([&] {
          open.store.overwrite("billing", std::vector<StoredOffset>{{{"orders", 0}, 1}});
        })}) {
    CHECK(says(error, named, detail));
    CHECK((error && !error->is_retryable()));
  }
}

}  // namespace

TEST_CASE("an offsets file that is none is an error that names it", "[hdfs]") {
  struct Bad {
    std::string text;
    std::string detail;
  };
  const auto value = [](const std::string& offset) { return "v1\n\n{\"orders\":{\"0\":" + offset + "}}"; };
  const auto bad = GENERATE_COPY(values<Bad>({
      {"", "empty"},
      {"v1", "third line"},
      {"v1\n{}", "third line"},
      {"v2\n{}\n{}", "version 2"},
      {"v10\n{}\n{}", "version 10"},
      {"1\n{}\n{}", "does not begin with"},
      {"garbage", "does not begin with"},
      {"\xac\xed\0\x05sr"s, "does not begin with"},
      {good.substr(0, good.size() - 1), "line 3"},
      {"v1\n{\"conf\":\n{}", "line 2"},
      {"v1\n[]\n{}", "line 2"},
      {"v1\n{\"conf\":{\"a\":1}}\n{}", "conf"},
      {"v1\n{\"batchWatermarkMs\":\"0\"}\n{}", "batchWatermarkMs"},
      {"v1\n\n5", "line 3"},
      {"v1\n\n{\"logOffset\":5}", "not of a Kafka source"},
      {"v1\n\n{\"orders\":{}}\nnull", "line 4"},
      {"v1\n\n{\"orders\":{\"x\":5}}", "partition"},
      {"v1\n\n{\"orders\":{\"-1\":5}}", "partition"},
      {"v1\n\n{\"orders\":{\"00\":5}}", "partition"},
      {"v1\n\n{\"orders\":{\"2147483648\":5}}", "partition"},
      {value("\"5\""), "\"orders\"[0]"},
      {value("-1"), "-1"},
      {value("-1001"), "-1001"},
      {value("1e3"), "1000.0"},
      {value("5.0"), "5.0"},
      {value("null"), "null"},
      {value("9223372036854775808"), "9223372036854775808"},
      {value("99999999999999999999"), "no offset"},
      {value("+5"), "line 3"},
      {value("05"), "line 3"},
      {value(""), "line 3"},
      {value("12abc"), "line 3"},
      {"v1\n\n" + std::string(100'000, '[') + std::string(100'000, ']'), "line 3"},
  }));
  CAPTURE(bad.text.substr(0, 100));
  LocalCheckpoint checkpoint;
  checkpoint.put("offsets/3", bad.text);
  checkpoint.put("commits/3", good_commit);
  must_refuse(checkpoint, "offsets/3", bad.detail);
  CHECK(checkpoint.get("offsets/3") == bad.text);
}

TEST_CASE("a commits file that is none is an error that names it", "[hdfs]") {
  const auto [text, detail] =
      GENERATE(table<std::string, std::string>({{"", "empty"},
                                                {"v2\n{}", "version 2"},
                                                {"no", "does not begin with"},
                                                {"v1\n{", "line 2"},
                                                {"v1\n{\"nextBatchWatermarkMs\":\"x\"}", "line 2"}}));
  CAPTURE(text);
  LocalCheckpoint checkpoint;
  checkpoint.put("offsets/0", good);
  checkpoint.put("commits/0", text);
  must_refuse(checkpoint, "commits/0", detail);
}

TEST_CASE("a line feed at the end, carriage returns and a commit without settings are taken, as by Spark", "[hdfs]") {
  LocalCheckpoint checkpoint;
  checkpoint.put("offsets/0", "v1\r\n\r\n{\"orders\": {\"0\": 5}}\r\n");
  checkpoint.put("commits/0",
                 GENERATE("v1", "v1\n", "v1\n{}\n", "v1\n{\"nextBatchWatermarkMs\":0,\"stateUniqueIds\":{}}"));
  CHECK(OpenCheckpoint{checkpoint}.group.next() == 5);
}

TEST_CASE("however short a writer left the latest offsets, they are not taken for the truth", "[hdfs]") {
  for (std::size_t length = 0; length < good.size(); ++length) {
    LocalCheckpoint checkpoint;
    checkpoint.add(0, R"({"orders":{"0":3}})");
    checkpoint.put("offsets/1", good.substr(0, length));
    CAPTURE(good.substr(0, length));
    OpenCheckpoint open{checkpoint};
    REQUIRE(open.group.next() == 3);
    REQUIRE_FALSE(open.group.commit(orders(3, 4)));
    REQUIRE(OpenCheckpoint{checkpoint}.group.next() == 4);
    REQUIRE(checkpoint.has("commits/2"));
  }
}

TEST_CASE("a checkpoint of DStreams is recognised and refused with a hint", "[hdfs]") {
  LocalCheckpoint checkpoint;
  const std::string name = GENERATE("checkpoint-1700000000000", "checkpoint-1700000000000.bk");
  checkpoint.put(name, "\xac\xed\0\x05sr"s);
  checkpoint.put("receivedBlockMetadata/log-1", "");
  must_refuse(checkpoint, "", "DStreams");
  CHECK(says(store_error_of([&] { OpenCheckpoint{checkpoint}.group.next(); }), "Java-serialised", "overwrite()"));
  CHECK_FALSE(checkpoint.has("offsets"));
}

TEST_CASE("offsets of which none is done are an error once they can't be the first batch's", "[hdfs]") {
  LocalCheckpoint checkpoint;
  checkpoint.plan(5, R"({"orders":{"0":3}})");
  checkpoint.plan(6, R"({"orders":{"0":4}})");
  must_refuse(checkpoint, "", "batches 5 to 6");
}

TEST_CASE("something else in a file's place is an error that names it", "[hdfs]") {
  LocalCheckpoint checkpoint;
  checkpoint.add(0, R"({"orders":{"0":3}})");
  const auto path = checkpoint.folder / "offsets/1";
  SECTION("a folder") { std::filesystem::create_directory(path); }
  SECTION("a FIFO") { REQUIRE(::mkfifo(path.c_str(), 0666) == 0); }
  must_refuse(checkpoint, "offsets/1", "not a regular file");
}

TEST_CASE("a file in the place of a folder is an error that names it", "[hdfs]") {
  LocalCheckpoint checkpoint;
  checkpoint.put("offsets", "");
  must_refuse(checkpoint, "offsets", "Not a directory");
}

TEST_CASE("a directory whose parent is missing is refused as a volume that is not mounted", "[hdfs]") {
  const TemporaryFolder folder;
  HdfsOffsetStore store{HdfsOffsetStoreOptions{.directory = folder / "mount/checkpoints"}};
  GroupView group{store, "billing"};
  CHECK(group.next() == std::nullopt);
  CHECK(says(store_error_of([&] { group.commit(orders(0, 1)); }), (folder / "mount").string(), "mounted"));
}
