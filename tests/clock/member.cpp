// A member of a group whose wall clock a test steps: BROKERS TOPIC GROUP DATABASE HANDLER.
//
// HANDLER is "quick"; "slow": half a second a batch; "hung": returns when it is asked to finish; "filling": quick, with batches that
// wait for three seconds for more. Writes "own PARTITION", "lose PARTITION", "refused PARTITION", "begin", "handled PARTITION FIRST LAST",
// "overdue" and "lag".

#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <csignal>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>

#include <fmt/format.h>

#include <tidemark/stores/sqlite.hpp>
#include <tidemark/tidemark.hpp>

namespace {

using namespace std::chrono_literals;

/// In one write, so that lines of several threads stay whole.
void report(const std::string& lines) {
  if (::write(STDOUT_FILENO, lines.data(), lines.size()) < 0) std::terminate();
}

class Notes final : public tidemark::Observer {
 public:
  void on_conflict(const tidemark::ConflictEvent& event) noexcept override {
    report(fmt::format("refused {}\n", event.refused.partition.partition));
  }
  void on_rebalance(const tidemark::RebalanceEvent& event) noexcept override {
    std::string lines;
    for (const auto& [topic, partition] : event.partitions)
      lines += event.kind == tidemark::RebalanceEvent::Kind::assigned ? fmt::format("own {}\n", partition)
                                                                      : fmt::format("lose {}\n", partition);
    report(lines);
  }
  void on_handler_timeout(const tidemark::HandlerTimeoutEvent&) noexcept override { report("overdue\n"); }
  void on_lag(std::span<const tidemark::PartitionProgress>) noexcept override { report("lag\n"); }
  void on_error(std::string_view text) noexcept override { report(fmt::format("note {}\n", text)); }
};

void pass(std::chrono::milliseconds time, const std::stop_token& until = {}) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock{mutex};
  never.wait_for(lock, until, time, [] { return false; });
}

void handle(const tidemark::Batch<>& batch, std::string_view how) {
  report("begin\n");
  if (how == "slow") pass(500ms);
  if (how == "hung") pass(60s, batch.stop_token());
  std::map<std::int32_t, std::pair<std::int64_t, std::int64_t>> runs;
  for (const auto& record : batch)
    runs.try_emplace(record.partition(), record.offset(), 0).first->second.second = record.offset();
  std::string lines;
  for (const auto& [partition, run] : runs)
    lines += fmt::format("handled {} {} {}\n", partition, run.first, run.second);
  report(lines);
}

}  // namespace

int main(int arguments, char** argument) try {
  if (arguments < 6) return 2;
  sigset_t ending;
  sigemptyset(&ending);
  sigaddset(&ending, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ending, nullptr);

  const std::string_view how = argument[5];
  tidemark::SqliteOffsetStore store{argument[4]};
  tidemark::ConsumerOptions options{.brokers = argument[1], .group = argument[3], .topics = {argument[2]}};
  options.batch.max_wait = how == "filling" ? 3s : 5ms;
  options.lag_interval = 200ms;
  if (how == "hung") options.handler_timeout = 2s;
  options.observer = std::make_shared<Notes>();
  options.kafka = {{"session.timeout.ms", "3000"}, {"heartbeat.interval.ms", "300"}};
  tidemark::MicroBatchConsumer<> consumer{options, store, [&](const tidemark::Batch<>& batch) { handle(batch, how); }};
  std::jthread waiter{[&] {
    int signal = 0;
    sigwait(&ending, &signal);
    consumer.stop();
  }};
  consumer.run();
  pthread_kill(waiter.native_handle(), SIGTERM);
} catch (const std::exception& error) {
  report(fmt::format("wrong: {}\n", error.what()));
  std::_Exit(1);
}
