#include <tidemark/error.hpp>

#include "hdfs/local_checkpoint.hpp"

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;

TEST_CASE("an HDFS URL names nodes, user, directory and group", "[hdfs]") {
  const auto pair = hdfs_options("webhdfs://spark@nn1,nn2:50070/user/spark/chk%20a?group=bill%26ing");
  CHECK(pair.name_nodes == std::vector<HdfsAddress>{{"nn1", 9870}, {"nn2", 50070}});
  CHECK(pair.user == "spark");
  CHECK(pair.directory == "/user/spark/chk a");
  CHECK(pair.group == "bill&ing");
  CHECK_FALSE(pair.tls.enabled);
  const auto secure = hdfs_options("swebhdfs://[::1]/chk");
  CHECK(secure.tls.enabled);
  CHECK(secure.name_nodes == std::vector<HdfsAddress>{{"::1", 9871}});
  const auto local = hdfs_options("file:///var/lib/chk");
  CHECK(local.name_nodes.empty());
  CHECK(local.directory == "/var/lib/chk");
}

TEST_CASE("an HDFS URL that can't work is refused", "[hdfs]") {
  const std::string url = GENERATE(
      "", "namenode:9870/chk", "http://nn/chk", "hdfs://nn:8020/chk", "webhdfs://nn", "webhdfs:///chk",
      "webhdfs://nn:0/chk", "webhdfs://nn:x/chk", "webhdfs://nn:99999/chk", "webhdfs://a:b@nn/chk", "webhdfs://@nn/chk",
      "webhdfs://nn,/chk", "webhdfs://[::1/chk", "webhdfs://[::1]x/chk", "webhdfs://nn/chk?user=a",
      "webhdfs://nn/chk?group=", "webhdfs://nn/chk?group=a&b=c", "webhdfs://nn/%zz", "file://host/chk", "file://chk");
  CAPTURE(url);
  CHECK_THROWS_AS(hdfs_options(url), ConfigError);
}

TEST_CASE("options that can't work are refused by name", "[hdfs]") {
  const auto refused = [](HdfsOffsetStoreOptions options) -> std::string {
    try {
      HdfsOffsetStore{options};
    } catch (const ConfigError& error) {
      return error.what();
    }
    return {};
  };
  const std::vector<HdfsAddress> nodes{{"nn", 9870}};
  CHECK(refused({.directory = "relative"}).find("directory") != std::string::npos);
  CHECK(refused({.directory = ""}).find("directory") != std::string::npos);
  CHECK(refused({.directory = "/"}).find("directory") != std::string::npos);
  CHECK(refused({.directory = "/a/../b"}).find("directory") != std::string::npos);
  CHECK(refused({.directory = "/a//b"}).find("directory") != std::string::npos);
  CHECK(refused({.directory = "/a", .user = "spark"}).find("name_nodes") != std::string::npos);
  CHECK(refused({.directory = "/a", .keep_batches = 1}).find("keep_batches") != std::string::npos);
  CHECK(refused({.directory = "/a", .connect_timeout = 0ms}).find("connect_timeout") != std::string::npos);
  CHECK(refused({.directory = "/a", .request_timeout = 0ms}).find("request_timeout") != std::string::npos);
  CHECK(refused({.name_nodes = {{"", 1}}, .directory = "/a"}).find("name_nodes") != std::string::npos);
  CHECK(refused({.name_nodes = nodes, .directory = "/a", .sync = false}).find("sync") != std::string::npos);
  CHECK(refused({.name_nodes = nodes, .directory = "/a", .delegation_token = "secret", .kerberos = true})
            .find("secret") == std::string::npos);
  CHECK(refused({.name_nodes = nodes, .directory = "/a", .delegation_token = "secret", .kerberos = true})
            .find("kerberos") != std::string::npos);
}

TEST_CASE("a checkpoint that belongs to one group is refused to others", "[hdfs]") {
  LocalCheckpoint checkpoint;
  OpenCheckpoint open{checkpoint};
  REQUIRE_FALSE(open.group.commit(orders(0, 1)));
  GroupView other{open.store, "audit"};
  CHECK(
      says(store_error_of([&] { other.next(); }), checkpoint.folder.path().string(), "HdfsOffsetStoreOptions::group"));
  CHECK(store_error_of([&] { other.commit(orders(1, 2)); }));
  CHECK(open.group.next() == 1);
}

TEST_CASE("groups have folders of their own, whatever they are called", "[hdfs]") {
  const TemporaryFolder folder;
  HdfsOffsetStore store{HdfsOffsetStoreOptions{.directory = folder.path(), .sync = false}};
  const std::vector<std::pair<std::string, std::string>> names{{"billing", "billing"}, {"", "="},
                                                               {"..", "=2E."},         {"a/b", "a=2Fb"},
                                                               {"a=2Fb", "a=3D2Fb"},   {".hidden", "=2Ehidden"}};
  for (const auto& [group, name] : names) {
    REQUIRE_FALSE((GroupView{store, group}.commit(orders(0, 1))));
    CHECK(std::filesystem::exists(folder / name / "commits/0"));
  }
  REQUIRE_FALSE((GroupView{store, std::string(10'000, 'g')}.commit(orders(0, 1))));
  CHECK(std::distance(std::filesystem::directory_iterator{folder.path()}, {}) ==
        static_cast<std::ptrdiff_t>(names.size()) + 1);
}

TEST_CASE("where nobody listens the error names the nodes and can be retried", "[hdfs]") {
  HdfsOffsetStore store{"webhdfs://127.0.0.1:1,localhost:2/chk"};
  GroupView group{store, "billing"};
  const auto error = store_error_of([&] { group.next(); });
  CHECK(says(error, "127.0.0.1:1", "localhost:2", "name_nodes"));
  CHECK((error && error->is_retryable()));
}
