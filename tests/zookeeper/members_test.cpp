#include <algorithm>
#include <array>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "integration/kafka_fixture.hpp"
#include "support/process.hpp"
#include "zookeeper/zookeeper_fixture.hpp"

using namespace std::chrono_literals;
using namespace tidemark;
using namespace tidemark::test;

namespace {

constexpr int partitions = 4;
constexpr std::int64_t batch_records = 50;

/// A run of records that a member handled.
struct Run {
  std::int32_t partition;
  std::int64_t first;
  std::int64_t last;
};

std::vector<Run> runs_of(const std::string& output) {
  std::vector<Run> runs;
  std::istringstream lines{output};
  for (std::string word; lines >> word;)
    if (Run run{}; word == "handled" && lines >> run.partition >> run.first >> run.last) runs.push_back(run);
  return runs;
}

}  // namespace

TEST_CASE("of two members one is killed, and every record is handled, with offsets in ZooKeeper", "[zookeeper]") {
  KafkaFixture kafka{partitions};
  ZooKeeperFixture zookeeper;
  const auto start = [&] {
    return std::make_unique<Process>(Process::Options{
        .command = {TIDEMARK_ZOOKEEPER_MEMBER, kafka.brokers, kafka.topic, kafka.group, zookeeper.server.servers()}});
  };
  std::int64_t written = 0;
  const auto write_more = [&] {
    for (int p = 0; p < partitions; ++p) kafka.fill(p, 100);
    written += 100;
  };
  const auto count = [](const Process& member) {
    std::int64_t records = 0;
    for (const auto& run : runs_of(member.output())) records += run.last - run.first + 1;
    return records;
  };
  std::vector<std::unique_ptr<Process>> members;
  members.push_back(start());
  members.push_back(start());
  // While records flow, until the condition holds.
  const auto flow_until = [&](const std::string& what, const std::function<bool()>& condition) {
    INFO("waited for: " << what);
    REQUIRE(eventually(
        [&] {
          write_more();
          return condition();
        },
        60s));
  };
  flow_until("both members at work", [&] { return count(*members[0]) > 500 && count(*members[1]) > 500; });
  members[0]->kill();
  const auto before = count(*members[1]);
  flow_until("the other going on", [&] { return count(*members[1]) > before + 500; });
  members.push_back(start());
  flow_until("a new member at work", [&] { return count(*members[2]) > 500; });

  const auto stored = [&](std::int32_t partition) {
    return zookeeper.probe.get("/consumers/" + kafka.group + "/offsets/" + kafka.topic + '/' +
                               std::to_string(partition));
  };
  for (int p = 0; p < partitions; ++p) REQUIRE(eventually([&] { return stored(p) == std::to_string(written); }, 60s));
  for (const auto i : {1, 2}) {
    members[static_cast<std::size_t>(i)]->send(SIGTERM);
    INFO(members[static_cast<std::size_t>(i)]->output());
    REQUIRE(members[static_cast<std::size_t>(i)]->wait(30s) == ExitStatus{.code = 0});
  }

  std::array<std::vector<int>, partitions> times;
  for (auto& of_partition : times) of_partition.assign(static_cast<std::size_t>(written), 0);
  for (const auto& member : members) {
    CHECK(member->output().find("wrong") == std::string::npos);
    for (const auto& run : runs_of(member->output()))
      for (auto offset = run.first; offset <= run.last; ++offset)
        ++times[static_cast<std::size_t>(run.partition)].at(static_cast<std::size_t>(offset));
  }
  std::int64_t repeated = 0;
  for (const auto& of_partition : times) {
    CHECK(std::ranges::count(of_partition, 0) == 0);
    CHECK(std::ranges::count_if(of_partition, [](int handled) { return handled > 2; }) == 0);
    repeated += std::ranges::count(of_partition, 2);
  }
  CHECK(repeated <= batch_records);  // the batch that the killed member had in flight, and nothing else
  for (int p = 0; p < partitions; ++p) CHECK(stored(p) == std::to_string(written));
}
