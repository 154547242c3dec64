#pragma once

#include <atomic>
#include <chrono>
#include <exception>
#include <iostream>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "redis/redis_fixture.hpp"
#include "stores/redis/slot.hpp"
#include "support/eventually.hpp"
#include "support/process.hpp"
#include "support/redis_cluster.hpp"

namespace tidemark::test {

/// A consumer whose transactions add to counters: some that exist, some that a batch is the first to write.
class CountingConsumer {
 public:
  static constexpr int commands = 3;

  explicit CountingConsumer(const std::string& url) {
    auto options = impatient(url);
    options.key_pattern = "kafka:topic:<topic>:{<group>}";
    options.checkout_timeout = std::chrono::seconds{5};
    store_ = std::make_unique<RedisOffsetStore>(options);
  }

  /// Applies batches until `over`, each again until it went through.
  void run(const std::atomic<bool>& over) {
    while (!over) apply_next();
  }
  void apply_next() {
    const OffsetRange range = orders(batches_, batches_ + 1);
    for (int attempt = 0; attempt < 1'000; ++attempt) {
      try {
        auto transaction = store_->begin({.group = "billing"}, {&range, 1});
        // Two old counters, and each twentieth time a new one.
        for (int i = 0; i < commands; ++i) {
          const auto place = batches_ * commands + i;
          const auto counter = i == 2 && batches_ % 20 == 0 ? place : place % 50;
          transaction.command("HINCRBY", "{billing}:counter:" + std::to_string(counter), "n", 1);
        }
        if (transaction.commit()) throw std::runtime_error{"a conflict, with nobody else there"};
        ++batches_;
        return;
      } catch (const StoreError& error) {
        if (!error.is_retryable()) throw;
        ++retried_;
      }
    }
    throw std::runtime_error{"a batch could not be applied"};
  }

  std::int64_t batches() const { return batches_; }
  std::int64_t retried() const { return retried_; }

 private:
  std::unique_ptr<RedisOffsetStore> store_;
  std::atomic<std::int64_t> batches_{0};
  std::int64_t retried_ = 0;
};

/// Moves the slot of a group's offsets and results there and back by `redis-cli --cluster reshard`, so many times, under transactions: in
/// the end the results must be exact. Prints how many batches went through meanwhile.
inline void reshard_under_transactions(int times, const std::vector<std::string>& extra) {
  // redis-cli moves the lowest slots of a node, so the group's is the lowest of the two that take turns.
  const int slot = detail::redis_slot("{billing}");
  RedisCluster cluster{{0, slot, (slot + 16'384) / 2}, {"--appendonly", "no"}};
  {
    auto probe = cluster.master(1).probe();
    for (int i = 0; i < 1'000; ++i) probe("SET", "{billing}:other:" + std::to_string(i), "x");
  }
  CountingConsumer consumer{cluster.url()};
  for (int i = 0; i < 50; ++i) consumer.apply_next();
  std::atomic<bool> over{false};
  std::atomic<bool> has_failed{false};
  std::exception_ptr failure;
  std::thread running{[&] {
    try {
      consumer.run(over);
    } catch (...) {
      failure = std::current_exception();
      has_failed = true;
    }
  }};
  for (int move = 0; move < 2 * times; ++move) {
    const int from = 1 + move % 2;
    const int to = 3 - from;
    const auto enough = consumer.batches() + 100;
    CHECK(eventually([&] { return cluster.agrees() && (has_failed || consumer.batches() >= enough); }));
    std::vector<std::string> command{"redis-cli",
                                     "--cluster",
                                     "reshard",
                                     "127.0.0.1:" + std::to_string(cluster.master(0).port()),
                                     "--cluster-from",
                                     cluster.id(from),
                                     "--cluster-to",
                                     cluster.id(to),
                                     "--cluster-slots",
                                     "1",
                                     "--cluster-pipeline",
                                     "2",
                                     "--cluster-yes"};
    command.insert(command.end(), extra.begin(), extra.end());
    Process moving{{.command = command}};
    const auto ended = moving.wait(std::chrono::seconds{60});
    INFO(moving.output());
    CHECK(ended == ExitStatus{.code = 0});
    if (ended != ExitStatus{.code = 0}) break;
    CHECK(cluster.master_of("{billing}") == to);
  }
  over = true;
  running.join();
  if (failure) std::rethrow_exception(failure);

  std::int64_t sum = 0;
  auto probe = cluster.master(cluster.master_of("{billing}")).probe();
  const auto counters = probe("KEYS", "{billing}:counter:*");
  for (const auto& counter : counters.elements()) sum += probe("HGET", std::string{counter.text()}, "n").integer();
  CHECK(sum == CountingConsumer::commands * consumer.batches());
  CHECK(probe.hash("kafka:topic:orders:{billing}") == "0=" + std::to_string(consumer.batches()));
  std::cout << "redis-reshard: " << 2 * times << " moves" << (extra.empty() ? "" : " with " + extra.front()) << ", "
            << consumer.batches() << " batches, " << consumer.retried() << " errors that were retried, results off by "
            << sum - CountingConsumer::commands * consumer.batches() << std::endl;
}

}  // namespace tidemark::test
