#include <fstream>

#include "hdfs/local_checkpoint.hpp"
#include "support/hdfs_server.hpp"
#include "support/unique_name.hpp"

using namespace tidemark;
using namespace tidemark::test;

TEST_CASE("`hdfs dfs -cat` shows what is stored, and what `hdfs dfs -put` writes is gone on from", "[hdfs]") {
  auto& server = HdfsServer::shared();
  const auto folder = "/" + unique_name("shell");
  HdfsOffsetStore store{server.url(folder)};
  GroupView group{store, "billing"};
  REQUIRE_FALSE(group.commit({orders(0, 514), orders(0, 17, 1)}));
  const auto shown = server.shell({"-cat", folder + "/billing/offsets/0", folder + "/billing/commits/0"});
  CAPTURE(shown);
  CHECK(shown.find("v1\n{\"batch") != std::string::npos);
  CHECK(shown.find("\n{\"orders\":{\"0\":514,\"1\":17}}v1\n{\"nextBatchWatermarkMs\":0}") != std::string::npos);

  const TemporaryFolder files;
  std::ofstream{files / "offsets"}
      << "v1\n{\"batchWatermarkMs\":0,\"batchTimestampMs\":1,\"conf\":{}}\n{\"orders\":{\"0\":600,\"1\":17}}\n";
  std::ofstream{files / "commits"} << "v1\n{\"nextBatchWatermarkMs\":0}\n";
  server.shell({"-put", files / "offsets", folder + "/billing/offsets/1"});
  CHECK(group.next() == 514);
  CHECK(group.list().size() == 2);
  server.shell({"-put", files / "commits", folder + "/billing/commits/1"});
  CHECK(group.next() == 600);
  CHECK(group.commit(orders(514, 520)) == Conflict{{"orders", 0}, 600});
  REQUIRE_FALSE(group.commit(orders(600, 610)));
  CHECK(server.probe().list(folder + "/billing/commits") == std::vector<std::string>{"0", "1", "2"});
}

TEST_CASE("garbage in HDFS is an error that names the path", "[hdfs]") {
  auto& server = HdfsServer::shared();
  const auto folder = "/" + unique_name("garbage");
  const auto probe = server.probe();
  HdfsOffsetStore store{server.url(folder)};
  GroupView group{store, "billing"};
  REQUIRE_FALSE(group.commit(orders(0, 10)));
  SECTION("in offsets") { probe.put(folder + "/billing/offsets/0", "12abc"); }
  SECTION("in commits") { probe.put(folder + "/billing/commits/0", ""); }
  SECTION("of DStreams") {
    probe.remove(folder + "/billing/offsets");
    probe.put(folder + "/billing/checkpoint-1700000000000", "\xac\xed");
  }
  const auto error = store_error_of([&] { group.next(); });
  CHECK(says(error, folder + "/billing"));
  CHECK((error && !error->is_retryable()));
}

TEST_CASE("a user without rights is told so, with the path", "[hdfs]") {
  auto& server = HdfsServer::shared();
  const auto folder = "/" + unique_name("rights");
  server.probe().put(folder + "/kept", "");
  auto options = hdfs_options(server.url(folder));
  options.user = "somebody";
  HdfsOffsetStore store{options};
  GroupView group{store, "billing"};
  const auto error = store_error_of([&] { group.commit(orders(0, 10)); });
  CHECK(says(error, folder, "Permission denied", "HdfsOffsetStoreOptions::user"));
  CHECK((error && !error->is_retryable()));
}

TEST_CASE("a server that is no name node is told from one", "[hdfs]") {
  auto options = hdfs_options("webhdfs://127.0.0.1:" + std::to_string(HdfsServer::shared().data_port()) + "/chk");
  HdfsOffsetStore store{options};
  GroupView group{store, "billing"};
  CHECK(store_error_of([&] { group.next(); }));
}

TEST_CASE("a delegation token is not shown in an error", "[hdfs]") {
  auto options = hdfs_options(HdfsServer::shared().url("/.reserved/chk"));
  options.delegation_token = "c2VjcmV0LXRva2Vu";
  HdfsOffsetStore store{options};
  GroupView group{store, "billing"};
  const auto error = store_error_of([&] { group.commit(orders(0, 1)); });
  REQUIRE(error);
  CHECK_FALSE(says(error, options.delegation_token));
}
