#include <csignal>
#include <mutex>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <tidemark/micro_batch_consumer.hpp>
#include <tidemark/stores/file.hpp>

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

constexpr std::int64_t records = 4000;

/// A topic in which every 7th record is to be rejected, and every 97th makes the handler fail.
class Rejecter {
 public:
  Rejecter() {
    admin_.create_topic(topic_, 1);
    admin_.create_topic(dead_topic_, 1);
    TestProducer producer{brokers_};
    for (std::int64_t i = 0; i < records; ++i)
      producer.produce(topic_, 0, std::nullopt, i % 97 == 50 ? "poison" : i % 7 == 3 ? "bad" : "good");
    producer.flush();
  }

  /// Lives until it dies at that step. Returns whether it did.
  bool live(const std::string& step, int nth, const std::string& bug = "") {
    Process process{command(step, nth, bug)};
    const auto ended = process.wait(60s);
    take(process);
    return ended && ended->signal == SIGKILL;
  }

  /// Lives until everything is committed.
  void live_to_the_end() {
    Process process{command("none", 1, "")};
    CHECK(eventually([&] { return stored() == records || !process.running(); }, 60s));
    process.kill();
    take(process);
  }

  std::int64_t stored() const {
    FileOffsetStoreOptions options;
    options.directory = folder_.path();
    options.read_only = true;
    for (const auto& [partition, next] : FileOffsetStore{options}.list(group_))
      if (partition.topic == topic_) return next;
    return 0;
  }

  /// Offsets below what is stored that are neither handled nor dead letters.
  std::vector<std::int64_t> lost() {
    const auto next = stored();
    read_dead_letters();
    std::vector<std::int64_t> lost;
    for (std::int64_t offset = 0; offset < next; ++offset)
      if (!handled_.contains(offset) && !dead_.contains(offset)) lost.push_back(offset);
    return lost;
  }

  const std::set<std::int64_t>& dead() const { return dead_; }
  const std::string& wrong() const { return wrong_; }

 private:
  Process::Options command(const std::string& step, int nth, const std::string& bug) const {
    Process::Options options;
    options.command = {TIDEMARK_DYING_REJECTER, brokers_,    topic_, group_,
                       folder_.path().string(), dead_topic_, step,   std::to_string(nth)};
    if (!bug.empty()) options.command.push_back(bug);
    return options;
  }

  /// A torn last line does not count: its handler had not returned.
  void take(const Process& process) {
    const auto output = process.output();
    std::istringstream text{output.substr(0, output.rfind('\n') + 1)};
    for (std::string line; std::getline(text, line);) {
      if (line.starts_with("handled "))
        handled_.insert(std::stoll(line.substr(8)));
      else
        wrong_ += line + '\n';
    }
  }

  /// All that are there by now.
  void read_dead_letters() {
    const auto end = admin_.end_offset(dead_topic_, 0);
    if (end == 0) return;
    ConsumerOptions options{.brokers = brokers_, .group = "reader", .partitions = {{dead_topic_, 0}}};
    std::mutex mutex;
    NoOffsets store;
    std::optional<MicroBatchConsumer<>> consumer;
    consumer.emplace(options, store, [&](const Batch<>& batch) {
      for (const auto& record : batch) dead_.insert(std::stoll(std::string{*record.headers().find("tidemark.offset")}));
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

  const std::string brokers_ = KafkaServer::shared().brokers();
  const std::string topic_ = unique_name("rejected");
  const std::string dead_topic_ = unique_name("dead");
  const std::string group_ = unique_name("rejecter");
  TemporaryFolder folder_;
  KafkaAdmin admin_{brokers_};
  std::set<std::int64_t> handled_;
  std::set<std::int64_t> dead_;
  std::string wrong_;
};

}  // namespace

TEST_CASE(
    "killed between any two steps, a consumer leaves no record committed that is neither handled nor a dead letter",
    "[crash]") {
  Rejecter rejecter;
  int kills = 0;
  for (const auto* step : {"handled", "retry", "write", "half", "written", "commit", "committed"})
    for (const int nth : {1, 2, 4}) {
      CAPTURE(step, nth);
      if (rejecter.live(step, nth)) ++kills;
      CHECK(rejecter.lost().empty());
    }
  CHECK(kills == 21);
  CHECK(rejecter.stored() < records);  // else the last ones proved nothing
  rejecter.live_to_the_end();
  CHECK(rejecter.stored() == records);
  CHECK(rejecter.lost().empty());
  std::set<std::int64_t> expected;
  for (std::int64_t i = 0; i < records; ++i)
    if (i % 97 == 50 || i % 7 == 3) expected.insert(i);
  CHECK(rejecter.dead() == expected);
  CHECK(rejecter.wrong().empty());
}

TEST_CASE("a consumer that commits without its dead letters is found out", "[crash]") {
  Rejecter rejecter;
  rejecter.live("committed", 3, "liar");
  CHECK_FALSE(rejecter.lost().empty());
}
