// A member of a group, to be killed: BROKERS TOPIC GROUP SERVERS. For each batch it writes, before the handler returns, a line
// "handled PARTITION FIRST LAST" for each of its partitions; "wrong …" for what should never be.

#include <unistd.h>

#include <csignal>
#include <future>
#include <iostream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>

#include <tidemark/stores/zookeeper.hpp>
#include <tidemark/tidemark.hpp>

namespace {

using namespace std::chrono_literals;

/// In one write, so that a kill leaves at most the last line torn.
void report(const std::string& lines) {
  if (::write(STDOUT_FILENO, lines.data(), lines.size()) < 0) throw std::runtime_error{"cannot write the report"};
}

void handle(const tidemark::Batch<>& batch) {
  std::map<std::int32_t, std::pair<std::int64_t, std::int64_t>> runs;
  for (const auto& record : batch) {
    const auto [run, is_first] = runs.try_emplace(record.partition(), record.offset(), record.offset());
    if (!is_first && record.offset() != run->second.second + 1) report("wrong order\n");
    run->second.second = record.offset();
  }
  std::ostringstream lines;
  for (const auto& [partition, run] : runs)
    lines << "handled " << partition << ' ' << run.first << ' ' << run.second << '\n';
  report(lines.str());
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 5) return 2;
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  tidemark::ZooKeeperOffsetStore store{argv[4]};
  tidemark::ConsumerOptions options{.brokers = argv[1], .group = argv[3], .topics = {argv[2]}};
  options.batch.max_records = 50;
  options.batch.max_wait = 5ms;
  options.kafka = {{"session.timeout.ms", "6000"}, {"heartbeat.interval.ms", "300"}};
  tidemark::MicroBatchConsumer<> consumer{options, store, handle};
  auto running = std::async(std::launch::async, [&] { consumer.run(); });
  int signal = 0;
  sigwait(&signals, &signal);
  consumer.stop();
  running.get();
} catch (const std::exception& error) {
  report("wrong: " + std::string{error.what()} + "\n");
  return 1;
}
