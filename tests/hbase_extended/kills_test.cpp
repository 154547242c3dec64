#include <tidemark/stores/hbase.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <iostream>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "hbase/hbase_fixture.hpp"
#include "support/eventually.hpp"

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;

namespace {

/// Commits batch after batch, as a consumer does, and sees to it that what is stored is what it was told.
class Committer {
 public:
  Committer(const HBaseOffsetStoreOptions& options, std::vector<TopicPartition> partitions)
      : partitions_{std::move(partitions)},
        store_{options},
        thread_{[this](const std::stop_token& stop) { run(stop); }} {}

  std::int64_t commits() const { return commits_; }
  std::int64_t unknown() const { return unknown_; }
  std::string wrong() const {
    const std::lock_guard lock{mutex_};
    return wrong_;
  }
  void stop() {
    thread_.request_stop();
    thread_.join();
  }
  const std::vector<TopicPartition>& partitions() const { return partitions_; }

 private:
  void run(const std::stop_token& stop) {
    try {
      for (std::int64_t from = 0; !stop.stop_requested(); from += 10) {
        commit(from, from + 10);
        ++commits_;
      }
    } catch (const std::exception& error) {
      const std::lock_guard lock{mutex_};
      wrong_ = error.what();
    }
  }
  void commit(std::int64_t from, std::int64_t until) {
    std::vector<OffsetRange> ranges;
    for (const auto& partition : partitions_) ranges.push_back({partition, from, until});
    while (true) {
      try {
        if (const auto conflict = store_.commit(session_, ranges))
          throw std::logic_error{"a conflict with nobody: " + std::to_string(conflict->stored.value_or(-1)) +
                                 " is stored, the commit was from " + std::to_string(from)};
        return;
      } catch (const StoreError& error) {
        if (!error.is_retryable()) throw;
        ++unknown_;
      }
      if (holds(from, until)) return;
    }
  }
  /// Whether it is done, once the store answers.
  bool holds(std::int64_t from, std::int64_t until) {
    while (true) {
      try {
        const auto stored = store_.load(session_, partitions_);
        for (const auto& each : stored)
          if (each != stored.front()) throw std::logic_error{"partitions that are moved together stand apart"};
        const auto next = stored.front().value_or(0);
        if (next != from && next != until)
          throw std::logic_error{"neither begin nor end of a batch is stored, but " + std::to_string(next)};
        return next == until;
      } catch (const StoreError& error) {
        if (!error.is_retryable()) throw;
      }
    }
  }

  std::vector<TopicPartition> partitions_;
  HBaseOffsetStore store_;
  GroupSession session_{.group = "billing"};
  std::atomic<std::int64_t> commits_ = 0;
  std::atomic<std::int64_t> unknown_ = 0;
  mutable std::mutex mutex_;
  std::string wrong_;
  std::jthread thread_;
};

/// Kills one of the two under commits, `kills` times.
void kill_under_commits(int kills, void (HBaseServer::*kill)(), void (HBaseServer::*start)(), const char* what) {
  HBaseFixture fixture;
  auto options = fixture.options;
  options.command_timeout = 5s;
  std::array<Committer, 3> committers{Committer{options, {{"orders", 0}, {"orders", 1}}},
                                      Committer{options, {{"orders", 2}, {"orders", 3}}},
                                      Committer{options, {{"returns", 0}, {"returns", 1}}}};
  std::mt19937 random{std::random_device{}()};
  for (int i = 0; i < kills; ++i) {
    for (const auto& committer : committers) {
      const auto enough = committer.commits() + std::uniform_int_distribution{2, 60}(random);
      const bool reached =
          eventually([&] { return committer.commits() >= enough || !committer.wrong().empty(); }, 120s);
      INFO(committer.wrong());
      REQUIRE(reached);
      REQUIRE(committer.wrong().empty());
    }
    (fixture.server.*kill)();
    (fixture.server.*start)();
  }
  std::int64_t commits = 0;
  std::int64_t unknown = 0;
  HBaseOffsetStore store{fixture.options};
  for (auto& committer : committers) {
    const auto enough = committer.commits() + 5;
    CHECK(eventually([&] { return committer.commits() >= enough || !committer.wrong().empty(); }, 120s));
    committer.stop();
    CHECK(committer.wrong().empty());
    for (const auto& next : store.load({.group = "billing"}, committer.partitions()))
      CHECK(next == committer.commits() * 10);
    commits += committer.commits();
    unknown += committer.unknown();
  }
  CHECK(unknown > 0);  // else no kill met a commit
  std::cout << "hbase-kills: " << kills << " of " << what << ", " << commits << " commits, " << unknown
            << " of unknown outcome" << std::endl;
}

}  // namespace

TEST_CASE("offsets are exact, though the gateway is killed 20 times under commits", "[hbase]") {
  kill_under_commits(20, &HBaseServer::kill_gateway, &HBaseServer::start_gateway, "the gateway");
}

TEST_CASE("offsets are exact, though HBase is killed 20 times under commits", "[hbase]") {
  kill_under_commits(20, &HBaseServer::kill_hbase, &HBaseServer::start_hbase, "HBase");
}
