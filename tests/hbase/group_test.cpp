#include <array>
#include <map>
#include <memory>
#include <sstream>
#include <string>

#include "hbase/hbase_fixture.hpp"
#include "support/eventually.hpp"
#include "support/kafka_admin.hpp"
#include "support/kafka_server.hpp"
#include "support/process.hpp"
#include "support/test_producer.hpp"
#include "support/unique_name.hpp"

using namespace tidemark;
using namespace tidemark::test;

namespace {

constexpr int partitions = 4;
constexpr std::int64_t most_in_hand = 50;  // as the member's max_records

/// How often each record was handled, by partition and offset.
using Handled = std::map<std::int32_t, std::map<std::int64_t, int>>;

void add(Handled& handled, const std::string& output) {
  std::istringstream lines{output.substr(0, output.rfind('\n') + 1)};
  std::string word;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  for (std::string line; std::getline(lines, line);)
    if (std::istringstream{line} >> word >> partition >> offset && word == "did") ++handled[partition][offset];
}

bool has_worked(const Process& member) { return member.output().find("did ") != std::string::npos; }

}  // namespace

TEST_CASE("two members share a topic from a real Kafka, one is killed, and every record is covered", "[hbase]") {
  emptied_hbase();
  const auto brokers = KafkaServer::shared().brokers();
  const auto topic = unique_name("shared");
  const auto group = unique_name("group");
  KafkaAdmin admin{brokers};
  admin.create_topic(topic, partitions);
  TestProducer producer{brokers, {{"linger.ms", "1"}}};
  std::int64_t produced = 0;
  const auto feed = [&] {
    for (int i = 0; i < 200; ++i)
      producer.produce(topic, static_cast<std::int32_t>(produced++ % partitions), "key", "value");
    producer.flush();
  };
  std::array<std::unique_ptr<Process>, 2> members;
  for (auto& member : members)
    member = std::make_unique<Process>(Process::Options{
        .command = {TIDEMARK_HBASE_MEMBER, brokers, topic, group, std::to_string(HBaseServer::shared().port())}});

  const bool both_work = eventually([&] {
    feed();
    return has_worked(*members[0]) && has_worked(*members[1]);
  });
  INFO(members[0]->output().substr(0, 2'000));
  INFO(members[1]->output().substr(0, 2'000));
  REQUIRE(both_work);
  feed();
  members[0]->kill();
  feed();

  HBaseOffsetStore store{hbase_at(HBaseServer::shared().port())};
  std::vector<StoredOffset> ends;
  for (std::int32_t p = 0; p < partitions; ++p) ends.push_back({{topic, p}, admin.end_offset(topic, p)});
  CHECK(eventually([&] { return store.list(group) == ends; }));
  CHECK(members[1]->running());
  members[1]->kill();

  Handled handled;
  add(handled, members[0]->output());
  add(handled, members[1]->output());
  std::int64_t replays = 0;
  for (const auto& end : ends) {
    const auto& offsets = handled[end.partition.partition];
    CHECK(static_cast<std::int64_t>(offsets.size()) == end.next);
    CHECK((offsets.empty() || (offsets.begin()->first == 0 && offsets.rbegin()->first == end.next - 1)));
    for (const auto& [offset, times] : offsets) replays += times - 1;
  }
  CHECK(replays <= most_in_hand);
}
