// A consumer whose memory is measured: BROKERS TOPIC WORKERS BUDGET RECORDS QUEUED [stuck].
//
// QUEUED is for queued.min.messages; 0 leaves the default.
// Handles so many records, or is stuck in its handler until no more is fetched, and prints "VmHWM KBYTES": the most it ever had resident.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <mutex>
#include <string>
#include <string_view>

#include <tidemark/testing/memory_offset_store.hpp>
#include <tidemark/tidemark.hpp>

namespace {

using namespace std::chrono_literals;

/// A line of /proc/self/status, in kilobytes.
long kilobytes(std::string_view key) {
  std::ifstream status{"/proc/self/status"};
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(key)) return std::stol(line.substr(key.size() + 1));
  return 0;
}

/// A handler that is at it until the prefetch queues are full: until nothing has been added for a while.
class Stuck {
 public:
  void wait() {
    std::unique_lock lock{mutex_};
    for (int unchanged = 0; unchanged < 10 && !is_over_; ++unchanged) {
      nobody_signals_.wait_for(lock, 100ms);
      const auto now = kilobytes("VmRSS");
      if (now > most_ + 100) unchanged = 0;
      most_ = std::max(most_, now);
    }
    is_over_ = true;
  }

 private:
  std::mutex mutex_;
  std::condition_variable nobody_signals_;
  long most_ = 0;
  bool is_over_ = false;
};

}  // namespace

int main(int count, char** arguments) try {
  if (count < 7) return 2;
  tidemark::testing::MemoryOffsetStore store;
  tidemark::ConsumerOptions options{.brokers = arguments[1], .group = "memory", .topics = {arguments[2]}};
  options.concurrency = std::stoul(arguments[3]);
  options.memory_budget_bytes = std::stoul(arguments[4]);
  const auto records = std::stoul(arguments[5]);
  if (const std::string queued{arguments[6]}; queued != "0") options.kafka["queued.min.messages"] = queued;
  const bool is_stuck = count > 7 && std::string_view{arguments[7]} == "stuck";
  std::atomic<std::size_t> handled = 0;
  std::atomic<std::size_t> touched = 0;
  Stuck stuck;
  tidemark::MicroBatchConsumer<>* running = nullptr;
  tidemark::MicroBatchConsumer<> consumer{options, store, [&](const tidemark::Batch<>& batch) {
                                            for (const auto& record : batch) touched += record.value().size();
                                            if (is_stuck) stuck.wait();
                                            if ((handled += batch.size()) >= records || is_stuck) running->stop();
                                          }};
  running = &consumer;
  consumer.run();
  std::cout << "VmHWM " << kilobytes("VmHWM") << "\nhandled " << handled << '\n';
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
