#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "benchmarks.hpp"
#include "measurement.hpp"
#include "report.hpp"
#include "stores/contestant.hpp"

namespace tidemark::bench {

// Those whose libraries are here: CMakeLists.txt lists the files in stores/.
#define TIDEMARK_STORE(name) Contestant name##_contestant(int partitions);
TIDEMARK_BENCH_STORES
#undef TIDEMARK_STORE

namespace {

using Clock = std::chrono::steady_clock;

struct Store {
  std::string name;
  Contestant (*open)(int partitions);
};

std::vector<Store> stores() {
#define TIDEMARK_STORE(name) {#name, name##_contestant},
  return {TIDEMARK_BENCH_STORES};
#undef TIDEMARK_STORE
}

// A round ends with the first of these, and Settings::records.
constexpr auto round_time = std::chrono::seconds{2};

/// What one of the two sides took, over all rounds that count.
struct Side {
  std::vector<double> all{};  // seconds

  void print(std::string_view name) const {
    auto sorted = all;
    std::ranges::sort(sorted);
    double sum = 0;
    for (const auto seconds : sorted) sum += seconds;
    const auto at = [&](double part) {
      return sorted[static_cast<std::size_t>(part * static_cast<double>(sorted.size() - 1))] * 1e3;
    };
    fmt::print("  {:<30} {:>8.0f}/s  p50 {:>8.3f} ms  p99 {:>8.3f} ms  ({} commits)\n", name,
               static_cast<double>(sorted.size()) / sum, at(0.5), at(0.99), sorted.size());
  }
};

double timed(const std::function<void(std::int64_t)>& commit, std::int64_t batch) {
  const auto began = Clock::now();
  commit(batch);
  return std::chrono::duration<double>(Clock::now() - began).count();
}

/// Both sides in turn, a commit each, so that what disturbs the machine or its disk disturbs both. After a round that does not count. The
/// ratio is that of the rates at which the median commits go: how much of the bare client's rate is left.
Summary race(const Store& store, int partitions, const Settings& settings) {
  const auto contestant = store.open(partitions);
  Side tidemark;
  Side bare;
  std::vector<double> ratios;
  std::int64_t batch = 0;
  for (int round = 0; round <= settings.rounds; ++round) {
    std::vector<double> by_store;
    std::vector<double> by_hand;
    const auto end = Clock::now() + round_time;
    for (std::uint64_t i = 0; i < settings.records && (i < 20 || Clock::now() < end); ++i, ++batch) {
      by_store.push_back(timed(contestant.commit, batch));
      by_hand.push_back(timed(contestant.commit_bare, batch));
    }
    if (round == 0) continue;
    ratios.push_back(summarise(by_hand).median / summarise(by_store).median);
    tidemark.all.insert(tidemark.all.end(), by_store.begin(), by_store.end());
    bare.all.insert(bare.all.end(), by_hand.begin(), by_hand.end());
  }
  fmt::print("\n{}, {} partitions in a commit\n", store.name, partitions);
  tidemark.print("tidemark");
  bare.print(contestant.bare);
  return summarise(ratios);
}

}  // namespace

void stores(const Settings& settings) {
  Report report{"stores", settings};
  for (const auto& store : stores()) {
    if (!settings.only.empty() && settings.only != store.name) continue;
    report.key(store.name + "_ratio", race(store, 4, settings));
    report.key(store.name + "_1000_ratio", race(store, 1'000, settings));
  }
  report.finish();
}

}  // namespace tidemark::bench
