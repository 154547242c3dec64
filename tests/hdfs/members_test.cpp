#include <fstream>
#include <map>
#include <memory>
#include <vector>

#include "hdfs/local_checkpoint.hpp"
#include "support/eventually.hpp"
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

constexpr int partitions = 4;
constexpr int records = 8'000;

/// How often each record of a topic was handled, as the members noted it.
std::map<std::pair<int, int>, int> handled(const std::filesystem::path& file) {
  std::map<std::pair<int, int>, int> counts;
  std::ifstream lines{file};
  for (int partition = 0, offset = 0; lines >> partition >> offset;) ++counts[{partition, offset}];
  return counts;
}

}  // namespace

TEST_CASE("two members of a group, one of them killed, handle every record", "[hdfs]") {
  const auto brokers = KafkaServer::shared().brokers();
  const auto topic = unique_name("members");
  const TemporaryFolder folder;
  const bool on_hdfs = GENERATE(true, false);
  const auto url = on_hdfs ? HdfsServer::shared().url("/" + topic) : "file://" + folder.path().string();
  KafkaAdmin{brokers}.create_topic(topic, partitions);
  TestProducer producer{brokers, {{"linger.ms", "5"}}};
  const auto produce = [&](int count) {
    for (int i = 0; i < count; ++i) producer.produce(topic, i % partitions, "key", "value");
    producer.flush();
  };
  produce(records / 2);

  std::vector<std::unique_ptr<Process>> members;
  std::vector<std::filesystem::path> notes;
  for (int i = 0; i < 2; ++i) {
    notes.push_back(folder / ("member-" + std::to_string(i)));
    members.push_back(std::make_unique<Process>(
        Process::Options{.command = {TIDEMARK_HDFS_CONSUMER, brokers, topic, "billing", url, notes.back().string()}}));
  }
  INFO(members[0]->output() << members[1]->output());
  // Both have joined when both have handled something of what comes now.
  REQUIRE(eventually([&] {
    produce(partitions);
    return !handled(notes[0]).empty() && !handled(notes[1]).empty();
  }));
  produce(records / 4);
  const auto before = handled(notes[0]).size();
  REQUIRE(eventually([&] { return handled(notes[0]).size() > before + 50; }));
  members[0]->kill();
  produce(records / 4);

  HdfsOffsetStore store{url};
  GroupView group{store, "billing"};
  std::vector<std::int64_t> end;
  for (std::int32_t partition = 0; partition < partitions; ++partition)
    end.push_back(KafkaAdmin{brokers}.end_offset(topic, partition));
  CHECK(eventually(
      [&] {
        for (std::int32_t partition = 0; partition < partitions; ++partition)
          if (group.next(partition, topic) != end[static_cast<std::size_t>(partition)]) return false;
        return true;
      },
      60s));
  CHECK(members[1]->running());

  auto counts = handled(notes[0]);
  std::size_t total = 0;
  for (const auto& [record, count] : handled(notes[1])) counts[record] += count;
  std::size_t twice = 0;
  for (int partition = 0; partition < partitions; ++partition) {
    total += static_cast<std::size_t>(end[static_cast<std::size_t>(partition)]);
    for (int offset = 0; offset < end[static_cast<std::size_t>(partition)]; ++offset) {
      const auto count = counts[{partition, offset}];
      if (count == 0) FAIL_CHECK("never handled: " << partition << " " << offset);
      twice += static_cast<std::size_t>(count) - (count > 0);
    }
  }
  CHECK(counts.size() == total);
  CHECK(twice <= 200);  // the killed member's batch in flight
}
