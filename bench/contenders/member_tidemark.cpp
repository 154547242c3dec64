// A member of a group that watches itself: BROKERS TOPIC GROUP. It prints "own N" whenever it has so many partitions from then on, and
// "gap END LENGTH" (nanoseconds of the monotonic clock) where a partition that it kept was not handled for more than 20 ms. Ends at SIGTERM.
#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <thread>

#include <fmt/format.h>

#include <tidemark/testing/memory_offset_store.hpp>
#include <tidemark/tidemark.hpp>

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

class Watch final : public tidemark::Observer {
 public:
  void on_rebalance(const tidemark::RebalanceEvent& event) noexcept override {
    const std::lock_guard lock{mutex_};
    for (const auto& [topic, partition] : event.partitions) {
      last_.erase(partition);
      if (event.kind == tidemark::RebalanceEvent::Kind::assigned)
        owned_.insert(partition);
      else
        owned_.erase(partition);
    }
    fmt::print("own {}\n", owned_.size());
    std::fflush(stdout);
  }

  void on_handled(const tidemark::Batch<>& batch) {
    const auto now = Clock::now();
    const std::lock_guard lock{mutex_};
    for (const auto& range : batch.ranges()) {
      auto& last = last_.try_emplace(range.partition.partition, now).first->second;
      if (now - last > 20ms) fmt::print("gap {} {}\n", now.time_since_epoch().count(), (now - last).count());
      last = now;
    }
    std::fflush(stdout);
  }

 private:
  std::mutex mutex_;
  std::set<std::int32_t> owned_;
  std::map<std::int32_t, Clock::time_point> last_;
};

}  // namespace

int main(int count, char** arguments) try {
  if (count < 4) return 2;
  sigset_t ending;
  sigemptyset(&ending);
  sigaddset(&ending, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ending, nullptr);
  const auto watch = std::make_shared<Watch>();
  // Where it begins, and what it commits, is not what is measured.
  tidemark::testing::MemoryOffsetStore store;
  tidemark::ConsumerOptions options{.brokers = arguments[1], .group = arguments[3], .topics = {arguments[2]}};
  options.batch.max_wait = 1ms;
  options.start = tidemark::start::Latest{};
  options.observer = watch;
  options.kafka = {{"partition.assignment.strategy", "cooperative-sticky"}};
  tidemark::MicroBatchConsumer<> consumer{options, store,
                                          [&](const tidemark::Batch<>& batch) { watch->on_handled(batch); }};
  std::jthread waiter{[&] {
    int signal = 0;
    sigwait(&ending, &signal);
    consumer.stop();
  }};
  consumer.run();
  pthread_kill(waiter.native_handle(), SIGTERM);
} catch (const std::exception& error) {
  fmt::print(stderr, "{}\n", error.what());
  std::_Exit(1);
}
