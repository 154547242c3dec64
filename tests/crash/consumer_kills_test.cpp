#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <ranges>
#include <set>
#include <sstream>
#include <vector>

#include <fmt/format.h>

#include <tidemark/stores/file.hpp>
#include <tidemark/stores/sqlite.hpp>

#include "crash/feeder.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/kafka_admin.hpp"
#include "support/kafka_server.hpp"
#include "support/process.hpp"
#include "support/temporary_folder.hpp"
#include "support/unique_name.hpp"

using namespace std::chrono_literals;
using namespace tidemark;
using namespace tidemark::test;

namespace {

constexpr int partitions = 4;
constexpr std::int64_t batch_size = 50;

struct Run {
  std::int32_t partition = 0;
  std::int64_t first = 0;
  std::int64_t last = 0;
};

/// What one life of the consumer has reported so far. A torn last line does not count: its handler had not returned.
struct Report {
  explicit Report(const std::string& output) {
    std::istringstream text{output.substr(0, output.rfind('\n') + 1)};
    for (std::string line; std::getline(text, line);) {
      std::istringstream words{line};
      std::string what;
      Run run;
      if (words >> what >> run.partition >> run.first >> run.last && what == "handled") {
        runs.push_back(run);
        records += run.last - run.first + 1;
      } else if (line.starts_with("note ")) {
        notes += line + '\n';
      } else {
        wrong += line + '\n';
      }
    }
  }

  std::vector<Run> runs;
  std::int64_t records = 0;
  std::string wrong;
  std::string notes;
};

/// Counts by kind what must not be, and what may be within bounds.
struct Verdict {
  int kills = 0;
  int hits = 0;      ///< Kills that met a consumer with records handled and records still to come.
  int lost = 0;      ///< Acknowledged by Kafka, never handled, though the store says so or everything was read.
  int replayed = 0;  ///< Handled once more.
  int disorder = 0;  ///< Skips and steps back within one life.
  int torn = 0;      ///< Moments at which results and offsets did not match.
  int inexact = 0;   ///< Records that were not counted exactly once at the end.
  std::int64_t records = 0;
  std::string wrong;  ///< What the consumer itself complained about.
};

std::ostream& operator<<(std::ostream& out, const Verdict& v) {
  return out << fmt::format(
             "kills {} (hits {}), records {}, lost {}, replayed {}, disorder {}, torn {}, inexact {}, wrong: {}",
             v.kills, v.hits, v.records, v.lost, v.replayed, v.disorder, v.torn, v.inexact, v.wrong);
}

class KilledConsumer {
 public:
  KilledConsumer(std::string store, std::string bug) : store_{std::move(store)}, bug_{std::move(bug)} {
    admin_.create_topic(topic_, partitions);
    if (store_ == "sqlite")
      SqliteOffsetStore{path()}.execute(
          "create table seen(partition integer, next integer, times integer, primary key(partition, next));"
          "create table totals(partition integer primary key, records integer)");
  }

  /// Kills after random numbers of records, of random members, until so many have hit.
  Verdict run(int hits, int members) {
    Feeder feeder{brokers_, topic_, partitions};
    for (int member = 0; member < members; ++member) start(member);
    while (verdict_.hits < hits && verdict_.kills < 2 * hits) {
      const auto victim = std::uniform_int_distribution<std::size_t>{0, lives_.size() - 1}(random_);
      kill(victim, feeder);
      start(static_cast<int>(victim));
    }
    feeder.stop();
    verdict_.records = feeder.acknowledged() * partitions;
    const bool complete = eventually([&] { return all_handled(feeder.acknowledged()); }, bug_.empty() ? 60s : 2s);
    for (std::size_t i = 0; i < lives_.size(); ++i) {
      lives_[i]->kill();
      take(i);
    }
    if (!complete) verdict_.wrong += "not everything was read in the end\n";
    judge(feeder.acknowledged());
    return verdict_;
  }

 private:
  std::string path() const { return (folder_ / "offsets").string(); }

  void start(int member) {
    const auto index = static_cast<std::size_t>(member);
    if (lives_.size() <= index) lives_.resize(index + 1);
    std::vector<std::string> command{TIDEMARK_CRASH_CONSUMER,          brokers_, topic_, group_,
                                     fmt::format("member-{}", member), store_,   path()};
    if (!bug_.empty()) command.push_back(bug_);
    Process::Options options;
    options.command = command;
    lives_[index] = std::make_unique<Process>(options);
  }

  void kill(std::size_t victim, Feeder& feeder) {
    auto& life = *lives_[victim];
    const auto enough = Report{life.output()}.records + std::uniform_int_distribution<std::int64_t>{1, 1500}(random_);
    const bool reached = eventually([&] {
      follow(feeder);
      return Report{life.output()}.records >= enough || !life.running();
    });
    if (!reached || !life.running()) verdict_.wrong += "a life did not read on: " + life.output() + '\n';
    life.kill();
    ++verdict_.kills;
    follow(feeder);
    const auto is_unread = [&](const auto& entry) { return entry.second < feeder.acknowledged(); };
    if (next_.size() < partitions || std::ranges::any_of(next_, is_unread)) ++verdict_.hits;
    take(victim);
    check_moment();
  }

  /// Lets the feeder keep ahead of the partition that is read most slowly.
  void follow(Feeder& feeder) {
    for (const auto& life : lives_)
      for (const auto& run : Report{life->output()}.runs)
        next_[run.partition] = std::max(next_[run.partition], run.last + 1);
    if (next_.size() < partitions) return;
    feeder.on_read(std::ranges::min(next_ | std::views::values));
  }

  /// Enters what a life that has ended did.
  void take(std::size_t index) {
    const Report report{lives_[index]->output()};
    verdict_.wrong += report.wrong;
    std::map<std::int32_t, std::int64_t> next;
    for (const auto& run : report.runs) {
      const auto [expected, is_first] = next.try_emplace(run.partition, run.first);
      if (expected->second != run.first) {
        ++verdict_.disorder;
        verdict_.wrong += fmt::format("partition {}: {} after {} in a life with these notes:\n{}", run.partition,
                                      run.first, expected->second - 1, report.notes);
      }
      expected->second = run.last + 1;
      for (auto offset = run.first; offset <= run.last; ++offset)
        if (!handled_[run.partition].insert(offset).second) ++verdict_.replayed;
    }
  }

  std::map<std::int32_t, std::int64_t> stored() const {
    std::map<std::int32_t, std::int64_t> stored;
    FileOffsetStoreOptions options;
    options.directory = path();
    options.read_only = true;
    for (const auto& [partition, next] : FileOffsetStore{options}.list(group_)) stored[partition.partition] = next;
    return stored;
  }

  /// What must hold at every moment, whoever has just died.
  void check_moment() {
    if (store_ == "file") {
      for (const auto& [partition, next] : stored())
        for (std::int64_t offset = 0; offset < next; ++offset)
          if (!handled_[partition].contains(offset)) ++verdict_.lost;
    } else {
      // One statement, one snapshot: others may be running.
      const auto rows = SqliteOffsetStore{path()}.query(
          "select count(*) from tidemark_offsets as o where next_offset <> (select count(*) from seen as s where "
          "s.partition = "
          "o.partition) or next_offset <> coalesce((select records from totals as t where t.partition = o.partition), "
          "0)");
      verdict_.torn += rows.at(0).get<int>(0);
    }
  }

  bool all_handled(std::int64_t acknowledged) {
    auto handled = handled_;
    for (const auto& life : lives_)
      for (const auto& run : Report{life->output()}.runs)
        for (auto offset = run.first; offset <= run.last; ++offset) handled[run.partition].insert(offset);
    return std::ranges::all_of(
               handled,
               [&](const auto& entry) { return static_cast<std::int64_t>(entry.second.size()) == acknowledged; }) &&
           handled.size() == partitions;
  }

  void judge(std::int64_t acknowledged) {
    check_moment();
    for (std::int32_t partition = 0; partition < partitions; ++partition)
      for (std::int64_t offset = 0; offset < acknowledged; ++offset)
        if (!handled_[partition].contains(offset)) ++verdict_.lost;
    if (store_ == "file") return;
    SqliteOffsetStore store{path()};
    verdict_.inexact = store.query("select count(*) from seen where times <> 1").at(0).get<int>(0);
    for (const auto& row : store.query("select records from totals"))
      if (row.get<std::int64_t>(0) != acknowledged) ++verdict_.inexact;
  }

  const std::string brokers_ = KafkaServer::shared().brokers();
  const std::string topic_ = unique_name("killed");
  // A group of its own: a static member that comes back gets what it had, though it asks for another topic now.
  const std::string group_ = unique_name("killed");
  const std::string store_;
  const std::string bug_;
  TemporaryFolder folder_;
  KafkaAdmin admin_{brokers_};
  std::mt19937 random_{std::random_device{}()};
  std::vector<std::unique_ptr<Process>> lives_;
  std::map<std::int32_t, std::set<std::int64_t>> handled_;
  std::map<std::int32_t, std::int64_t> next_;
  Verdict verdict_;
};

}  // namespace

TEST_CASE(
    "a consumer on files that is killed at random moments loses no record, and repeats at most the batches in hand",
    "[crash]") {
  const auto verdict = KilledConsumer{"file", ""}.run(60, 1);
  CAPTURE(verdict);
  CHECK(verdict.hits == 60);  // else the test proves too little
  CHECK(verdict.lost == 0);
  CHECK(verdict.disorder == 0);
  CHECK(verdict.replayed <= verdict.kills * batch_size);
  CHECK(verdict.wrong.empty());
}

TEST_CASE(
    "two consumers that write totals and offsets to SQLite together, and are killed at random moments, count exactly",
    "[crash]") {
  const auto verdict = KilledConsumer{"sqlite", ""}.run(60, 2);
  CAPTURE(verdict);
  CHECK(verdict.hits == 60);  // else the test proves too little
  CHECK(verdict.lost == 0);
  CHECK(verdict.disorder == 0);
  CHECK(verdict.replayed <= verdict.kills * batch_size);  // calls of the handler, not effects
  CHECK(verdict.torn == 0);
  CHECK(verdict.inexact == 0);
  CHECK(verdict.wrong.empty());
}

TEST_CASE("a consumer that commits before it handles is found out", "[crash]") {
  const auto verdict = KilledConsumer{"file", "late"}.run(4, 1);
  CAPTURE(verdict);
  CHECK(verdict.lost > 0);
}

TEST_CASE("a consumer that counts outside the transaction is found out", "[crash]") {
  const auto verdict = KilledConsumer{"sqlite", "apart"}.run(5, 1);
  CAPTURE(verdict);
  CHECK(verdict.torn + verdict.inexact > 0);
}
