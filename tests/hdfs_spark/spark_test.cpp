#include <cstdlib>
#include <map>
#include <sstream>

#include "hdfs/local_checkpoint.hpp"
#include "support/hdfs_server.hpp"
#include "support/kafka_admin.hpp"
#include "support/kafka_server.hpp"
#include "support/process.hpp"
#include "support/test_producer.hpp"
#include "support/unique_name.hpp"

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;

namespace {

constexpr int partitions = 2;

using Handled = std::map<std::pair<int, std::int64_t>, int>;

/// Records [from, until) of each partition, each handled once.
Handled each_once(std::int64_t from, std::int64_t until) {
  Handled records;
  for (int partition = 0; partition < partitions; ++partition)
    for (auto offset = from; offset < until; ++offset) records[{partition, offset}] = 1;
  return records;
}

std::string libraries() {
  const char* given = std::getenv("TIDEMARK_SPARK_LIBS");
  const std::filesystem::path folder = given != nullptr ? given : TIDEMARK_SPARK_LIBS;
  if (!std::filesystem::exists(folder))
    throw std::runtime_error{"no Spark in " + folder.string() + ": run tests/run.sh spark, which fetches it"};
  return folder / "*";
}

/// A topic of Kafka, and what a real Spark query handles of it.
class SparkScene {
 public:
  SparkScene() {
    KafkaAdmin{brokers_}.create_topic(topic_, partitions);
    Process compiler{{.command = {"javac", "-cp", libraries(), "-d", classes_.path(), TIDEMARK_SPARK_PROGRAM}}};
    const auto end = compiler.wait(60s);
    INFO(compiler.output());
    REQUIRE(end == ExitStatus{.code = 0});
  }

  const std::string& topic() const { return topic_; }

  void produce(int records_each) {
    TestProducer producer{brokers_, {{"linger.ms", "5"}}};
    for (int i = 0; i < records_each; ++i)
      for (int partition = 0; partition < partitions; ++partition) producer.produce(topic_, partition, "key", "value");
    producer.flush();
  }

  /// Runs the query until it has handled what there is.
  Handled run_spark(const std::string& checkpoint) {
    std::vector<std::string> command{"java", "-Xmx768m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"};
    for (const auto* package : {"java.lang", "java.lang.invoke", "java.lang.reflect", "java.io", "java.net", "java.nio",
                                "java.util", "java.util.concurrent", "java.util.concurrent.atomic", "sun.nio.ch",
                                "sun.nio.cs", "sun.security.action", "sun.util.calendar"})
      command.insert(command.end(), {"--add-opens", std::string{"java.base/"} + package + "=ALL-UNNAMED"});
    command.insert(command.end(),
                   {"-cp", classes_.path().string() + ":" + libraries(), "ReadOnce", brokers_, topic_, checkpoint});
    Process process{{.command = command,
                     .environment = {{"HADOOP_USER_NAME", "root"}, {"SPARK_LOCAL_IP", "127.0.0.1"}},
                     .working_folder = folder_.path()}};
    const auto end = process.wait(180s);
    INFO(process.output());
    REQUIRE(end == ExitStatus{.code = 0});
    Handled handled;
    std::istringstream lines{process.output()};
    for (std::string line; std::getline(lines, line);) {
      std::istringstream words{line};
      std::string word;
      int partition = 0;
      std::int64_t offset = 0;
      if (words >> word >> partition >> offset && word == "handled") ++handled[{partition, offset}];
    }
    return handled;
  }

 private:
  const std::string brokers_ = KafkaServer::shared().brokers();
  const std::string topic_ = unique_name("spark");
  TemporaryFolder classes_;
  TemporaryFolder folder_;
};

void move(HdfsOffsetStore& store, const std::string& topic, std::int64_t from, std::int64_t until) {
  std::vector<OffsetRange> ranges;
  for (int partition = 0; partition < partitions; ++partition) ranges.push_back({{topic, partition}, from, until});
  REQUIRE_FALSE(store.commit({.group = "billing"}, ranges));
}

}  // namespace

TEST_CASE("Spark's checkpoint is gone on from, and Spark goes on from there, without a record lost or handled twice",
          "[extended]") {
  SparkScene scene;
  const TemporaryFolder folder;
  const bool on_hdfs = GENERATE(false, true);
  const auto path = on_hdfs ? "/" + scene.topic() : folder.path().string();
  const auto for_spark = on_hdfs ? HdfsServer::shared().hdfs_url(path) : "file://" + path;
  HdfsOffsetStore store{on_hdfs ? HdfsServer::shared().url(path + "?group=billing")
                                : "file://" + path + "?group=billing"};

  scene.produce(300);
  CHECK(scene.run_spark(for_spark) == each_once(0, 300));
  CHECK(store.list("billing") == std::vector<StoredOffset>{{{scene.topic(), 0}, 300}, {{scene.topic(), 1}, 300}});
  scene.produce(300);
  for (std::int64_t next = 300; next < 500; next += 50) move(store, scene.topic(), next, next + 50);
  CHECK(scene.run_spark(for_spark) == each_once(500, 600));
  move(store, scene.topic(), 600, 600);
  CHECK(store.list("billing") == std::vector<StoredOffset>{{{scene.topic(), 0}, 600}, {{scene.topic(), 1}, 600}});
}

TEST_CASE("Spark goes on from a checkpoint that tidemark began", "[extended]") {
  SparkScene scene;
  const TemporaryFolder folder;
  HdfsOffsetStore store{"file://" + folder.path().string() + "?group=billing"};
  scene.produce(300);
  move(store, scene.topic(), 0, 100);
  CHECK(scene.run_spark("file://" + folder.path().string()) == each_once(100, 300));
  CHECK(store.list("billing").at(0).next == 300);
}

TEST_CASE("where tidemark died between two moves, Spark repeats that batch and skips nothing", "[extended]") {
  SparkScene scene;
  const TemporaryFolder folder;
  HdfsOffsetStore store{"file://" + folder.path().string() + "?group=billing"};
  scene.produce(300);
  move(store, scene.topic(), 0, 100);
  move(store, scene.topic(), 100, 150);
  std::filesystem::remove(folder / "commits/1");
  CHECK(scene.run_spark("file://" + folder.path().string()) == each_once(100, 300));
}
