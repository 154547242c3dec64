// What a worker's Progress costs a batch, by the number of its partitions.
#include "core/progress.hpp"

#include <benchmark/benchmark.h>

#include <cstdint>
#include <vector>

namespace {

using namespace tidemark;

std::vector<core::Progress::Cursor*> own(core::Progress& progress, std::int64_t partitions) {
  std::vector<core::Progress::Cursor*> cursors;
  for (std::int32_t i = 0; i < partitions; ++i) {
    progress.own({"orders", i}, 0, 0);
    cursors.push_back(progress.find({"orders", i}));
  }
  return cursors;
}

/// One record of each partition.
void cut_and_settle(benchmark::State& state) {
  core::Progress progress;
  const auto cursors = own(progress, state.range(0));
  std::int64_t offset = 0;
  for ([[maybe_unused]] auto _ : state) {
    for (auto* cursor : cursors) cursor->take(offset);
    ++offset;
    const auto claims = progress.cut();
    benchmark::DoNotOptimize(progress.settle(claims));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(cut_and_settle)->Arg(1)->Arg(64)->Arg(1'000)->Arg(10'000);

/// Records of one partition, while the worker has many.
void cut_one_of_many(benchmark::State& state) {
  core::Progress progress;
  const auto cursors = own(progress, state.range(0));
  std::int64_t offset = 0;
  for ([[maybe_unused]] auto _ : state) {
    cursors.front()->take(offset++);
    const auto claims = progress.cut();
    benchmark::DoNotOptimize(progress.settle(claims));
  }
}
BENCHMARK(cut_one_of_many)->Arg(1)->Arg(64)->Arg(1'000)->Arg(10'000);

}  // namespace
