// A member of a group that comes and goes: BROKERS TOPIC GROUP STRATEGY DATABASE.
//
// Counts each record in SQLite, in the batch's transaction. It writes "own PARTITION" when a partition becomes its own; before its handler
// returns, "handled PARTITION FIRST LAST ATTEMPT" for each partition of a batch; "refused PARTITION STORED" when another member has moved
// a partition on in the meantime; "note TEXT" for errors and waits. SIGTERM ends it as a service would be; what it was doing is noted first.

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#include <fmt/format.h>

#include <tidemark/stores/sqlite.hpp>
#include <tidemark/tidemark.hpp>

namespace {

using namespace std::chrono_literals;

/// In one write, so that a kill leaves at most the last line torn.
void report(const std::string& lines) {
  if (::write(STDOUT_FILENO, lines.data(), lines.size()) < 0) std::terminate();
}

class Notes final : public tidemark::Observer {
 public:
  void on_conflict(const tidemark::ConflictEvent& event) noexcept override {
    report(fmt::format("refused {} {} ({} to {})\n", event.refused.partition.partition,
                       event.conflict.stored.value_or(-1), event.refused.from, event.refused.until));
  }
  void on_rebalance(const tidemark::RebalanceEvent& event) noexcept override {
    std::string lines;
    for (const auto& [topic, partition] : event.partitions)
      lines += event.kind == tidemark::RebalanceEvent::Kind::assigned ? fmt::format("own {}\n", partition)
                                                                      : fmt::format("lose {}\n", partition);
    report(lines);
  }
  void on_error(std::string_view text) noexcept override { report(fmt::format("note {}\n", text)); }
  void on_wait(const tidemark::WaitEvent& event) noexcept override {
    report(fmt::format("note {}\n", tidemark::to_string(event)));
  }
};

/// One line, so that it is told apart from what else is written.
void report_state(const tidemark::ConsumerState& state) {
  auto text = tidemark::to_string(state);
  std::ranges::replace(text, '\n', ';');
  report(fmt::format("note {}\n", text));
}

/// What a batch takes, beside its transaction: so members are busy when they are struck.
void work() {
  std::mutex mutex;
  std::condition_variable never;
  std::unique_lock lock{mutex};
  never.wait_for(lock, 20ms, [] { return false; });
}

void count(const tidemark::Batch<>& batch, tidemark::SqliteTransaction& transaction) {
  struct Run {
    std::int64_t first, last, records;
  };
  work();  // before the transaction's first use, which keeps the others out of the database
  std::map<std::int32_t, Run> runs;
  for (const auto& record : batch) {
    transaction.execute("insert into seen values (?1, ?2, 1) on conflict do update set times = times + 1",
                        record.partition(), record.offset());
    auto& run = runs.try_emplace(record.partition(), Run{record.offset(), record.offset(), 0}).first->second;
    run.last = record.offset();
    ++run.records;
  }
  std::string lines;
  for (const auto& [partition, run] : runs) {
    transaction.execute(
        "insert into totals values (?1, ?2) on conflict do update set records = records + excluded.records", partition,
        run.records);
    lines += fmt::format("handled {} {} {} {}\n", partition, run.first, run.last, batch.attempt());
  }
  report(lines);
}

}  // namespace

int main(int arguments, char** argument) try {
  if (arguments < 6) return 2;
  sigset_t ending;
  sigemptyset(&ending);
  sigaddset(&ending, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ending, nullptr);

  tidemark::SqliteOffsetStore store{argument[5]};
  tidemark::ConsumerOptions options{.brokers = argument[1], .group = argument[3], .topics = {argument[2]}};
  options.batch = {.max_records = 20, .max_wait = 5ms};
  options.concurrency = 2;
  options.observer = std::make_shared<Notes>();
  options.kafka = {
      {"partition.assignment.strategy", argument[4]}, {"session.timeout.ms", "3000"}, {"heartbeat.interval.ms", "300"}};
  tidemark::MicroBatchConsumer<> consumer{options, store, count};
  std::jthread waiter{[&] {
    int signal = 0;
    sigwait(&ending, &signal);
    report_state(consumer.state());
    consumer.stop();
  }};
  consumer.run();
  pthread_kill(waiter.native_handle(), SIGTERM);
} catch (const std::exception& error) {
  report(fmt::format("wrong: {}\n", error.what()));
  std::_Exit(1);
}
