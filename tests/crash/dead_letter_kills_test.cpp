#include <csignal>
#include <memory>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <tidemark/micro_batch_consumer.hpp>
#include <tidemark/stores/sqlite.hpp>

#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/kafka_admin.hpp"
#include "support/kafka_server.hpp"
#include "support/process.hpp"
#include "support/temporary_folder.hpp"
#include "support/test_producer.hpp"
#include "support/unique_name.hpp"

using namespace std::chrono_literals;
using namespace tidemark;
using namespace tidemark::test;

namespace {

constexpr std::int64_t records = 4000;  // of each partition
using Key = std::pair<std::int32_t, std::int64_t>;

/// A topic in which every 7th record is to be rejected, and every 97th makes the handler fail; and those that read it.
class Rejecters {
 public:
  explicit Rejecters(int partitions = 1) : partitions_{partitions} {
    admin_.create_topic(topic_, partitions);
    admin_.create_topic(dead_topic_, 1);
    TestProducer producer{brokers_};
    for (std::int64_t i = 0; i < records; ++i)
      for (int partition = 0; partition < partitions; ++partition)
        producer.produce(topic_, partition, std::nullopt, i % 97 == 50 ? "poison" : i % 7 == 3 ? "bad" : "good");
    producer.flush();
    SqliteOffsetStore{path()};
  }

  struct Life {
    std::string step = "none";
    int nth = 1;
    std::chrono::milliseconds retry_delay = 1ms;
    std::string instance = "rejecter";
    std::string bug{};
  };

  std::unique_ptr<Process> begin(const Life& life) const {
    Process::Options options;
    options.command = {TIDEMARK_DYING_REJECTER,
                       brokers_,
                       topic_,
                       group_,
                       path(),
                       dead_topic_,
                       life.step,
                       std::to_string(life.nth),
                       std::to_string(life.retry_delay.count()),
                       life.instance};
    if (!life.bug.empty()) options.command.push_back(life.bug);
    return std::make_unique<Process>(options);
  }

  /// Lives until it ends, and enters what it did.
  std::optional<ExitStatus> live(const Life& life) {
    const auto process = begin(life);
    const auto ended = process->wait(60s);
    take(*process);
    return ended;
  }

  /// It and no other, until everything is committed.
  void live_to_the_end(Process& process) {
    CHECK(eventually([&] { return stored() == records * partitions_ || !process.running(); }, 60s));
    process.kill();
    take(process);
  }

  /// Next offsets of all partitions, added up.
  std::int64_t stored() const {
    std::int64_t sum = 0;
    for (const auto& [partition, next] : SqliteOffsetStore{path()}.list(group_)) sum += next;
    return sum;
  }

  /// Records below what is stored that are neither handled nor dead letters.
  std::vector<Key> lost() {
    const auto offsets = SqliteOffsetStore{path()}.list(group_);
    read_dead_letters();
    std::vector<Key> lost;
    for (const auto& [partition, next] : offsets)
      for (std::int64_t offset = 0; offset < next; ++offset)
        if (const Key key{partition.partition, offset}; !handled_.contains(key) && !dead_.contains(key))
          lost.push_back(key);
    return lost;
  }

  /// Those in the dead-letter topic, and no others, are what was to be there.
  bool is_dead_what_should_be() const {
    std::set<Key> expected;
    for (int partition = 0; partition < partitions_; ++partition)
      for (std::int64_t i = 0; i < records; ++i)
        if (i % 97 == 50 || i % 7 == 3) expected.insert({partition, i});
    return dead_ == expected;
  }

  const std::string& wrong() const { return wrong_; }

  /// Enters what a process that has ended did. A torn last line does not count: its handler had not returned.
  void take(const Process& process) {
    const auto output = process.output();
    std::istringstream text{output.substr(0, output.rfind('\n') + 1)};
    for (std::string line; std::getline(text, line);) {
      std::istringstream words{line};
      std::string what;
      Key key;
      words >> what >> key.first >> key.second;
      if (what == "handled")
        handled_.insert(key);
      else if (what != "note")
        wrong_ += line + '\n';
    }
  }

 private:
  /// All that are there by now.
  void read_dead_letters() {
    const auto end = admin_.end_offset(dead_topic_, 0);
    if (end == 0) return;
    ConsumerOptions options{.brokers = brokers_, .group = "reader", .partitions = {{dead_topic_, 0}}};
    NoOffsets store;
    std::optional<MicroBatchConsumer<>> consumer;
    consumer.emplace(options, store, [&](const Batch<>& batch) {
      for (const auto& record : batch)
        dead_.insert({std::stoi(std::string{*record.headers().find("tidemark.partition")}),
                      std::stoll(std::string{*record.headers().find("tidemark.offset")})});
      if (batch.ranges().front().until >= end) consumer->stop();
    });
    consumer->run();
  }

  /// Reads from the beginning each time.
  struct NoOffsets final : OffsetStore {
    std::vector<std::optional<std::int64_t>> load(const GroupSession&,
                                                  std::span<const TopicPartition> partitions) override {
      return std::vector<std::optional<std::int64_t>>(partitions.size());
    }
    std::optional<Conflict> commit(const GroupSession&, std::span<const OffsetRange>) override { return std::nullopt; }
  };

  std::string path() const { return folder_ / "offsets.db"; }

  const int partitions_;
  const std::string brokers_ = KafkaServer::shared().brokers();
  const std::string topic_ = unique_name("rejected");
  const std::string dead_topic_ = unique_name("dead");
  const std::string group_ = unique_name("rejecter");
  TemporaryFolder folder_;
  KafkaAdmin admin_{brokers_};
  std::set<Key> handled_;
  std::set<Key> dead_;
  std::string wrong_;
};

bool says(const Process& process, const std::string& text) { return process.output().find(text) != std::string::npos; }

}  // namespace

TEST_CASE(
    "killed between any two steps, a consumer leaves no record committed that is neither handled nor a dead letter",
    "[crash]") {
  Rejecters rejecters;
  int kills = 0;
  for (const auto* step : {"handled", "retry", "write", "half", "written", "commit", "committed"})
    for (const int nth : {1, 2, 4}) {
      CAPTURE(step, nth);
      if (rejecters.live({.step = step, .nth = nth}) == ExitStatus{.signal = SIGKILL}) ++kills;
      CHECK(rejecters.lost().empty());
    }
  CHECK(kills == 21);
  CHECK(rejecters.stored() < records);  // else the last ones proved nothing
  rejecters.live_to_the_end(*rejecters.begin({}));
  CHECK(rejecters.stored() == records);
  CHECK(rejecters.lost().empty());
  CHECK(rejecters.is_dead_what_should_be());
  CHECK(rejecters.wrong().empty());
}

TEST_CASE(
    "stopped while a batch waits for its next attempt, a consumer ends at once, and its next life begins with that "
    "batch",
    "[crash]") {
  Rejecters rejecters;
  for (const int nth : {1, 2, 4}) {
    const auto before = rejecters.stored();
    // Its second attempt would be an hour away.
    CHECK(rejecters.live({.step = "stop", .nth = 1, .retry_delay = 1h}) == ExitStatus{.code = 0});
    CHECK(rejecters.stored() >= before);
    CHECK(rejecters.stored() < records);
    CHECK(rejecters.lost().empty());
    CHECK(rejecters.live({.step = "stop", .nth = nth + 1}) == ExitStatus{.code = 0});
    CHECK(rejecters.lost().empty());
  }
  rejecters.live_to_the_end(*rejecters.begin({}));
  CHECK(rejecters.lost().empty());
  CHECK(rejecters.is_dead_what_should_be());
  CHECK(rejecters.wrong().empty());
}

TEST_CASE("a member killed while a batch waits for its next attempt and the group rebalances costs no record",
          "[crash]") {
  // What the other has come to when it is struck.
  const auto moment =
      GENERATE(as<std::string>{}, "the other starts", "its partitions are revoked", "the other handles");
  CAPTURE(moment);
  Rejecters rejecters{2};
  const auto waiting = rejecters.begin({.retry_delay = 1h, .instance = "-"});
  CHECK(eventually([&] { return says(*waiting, "note retry"); }));
  const auto other = rejecters.begin({.instance = "-"});
  if (moment != "the other starts") CHECK(eventually([&] { return says(*waiting, "note revoked"); }));
  if (moment == "the other handles") CHECK(eventually([&] { return says(*other, "handled"); }));
  waiting->kill();
  rejecters.take(*waiting);
  rejecters.live_to_the_end(*other);
  CHECK(rejecters.stored() == 2 * records);
  CHECK(rejecters.lost().empty());
  CHECK(rejecters.is_dead_what_should_be());
  CHECK(rejecters.wrong().empty());
}

TEST_CASE("a consumer that commits without its dead letters is found out", "[crash]") {
  Rejecters rejecters;
  rejecters.live({.step = "committed", .nth = 3, .bug = "liar"});
  CHECK_FALSE(rejecters.lost().empty());
}
