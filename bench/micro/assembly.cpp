// What the engine does with each record between librdkafka and the handler, without librdkafka: limits, position, view.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <vector>

#include <tidemark/detail/record_view.hpp>

#include "core/batch_cutter.hpp"
#include "core/progress.hpp"

namespace {

using namespace tidemark;

void assemble_batch(benchmark::State& state) {
  constexpr std::size_t batch = 10'000;
  const std::string key(8, 'k');
  const std::string value(100, 'v');
  const detail::RecordPartition partition{{"orders", 0}, nullptr};
  core::Progress progress;
  progress.own(partition.name, 0, 0);
  auto* cursor = progress.find(partition.name);
  core::BatchCutter cutter{{.max_records = batch}};
  std::vector<detail::RecordView> records;
  std::int64_t offset = 0;
  for ([[maybe_unused]] auto _ : state) {
    const auto now = core::BatchCutter::TimePoint::clock::now();
    while (!cutter.closed(now)) {
      if (!cutter.admits(key.size() + value.size()) || !cursor->take(offset)) return state.SkipWithError("not taken");
      cutter.add(key.size() + value.size(), now);
      records.push_back({&partition, offset++, Bytes{key}, Bytes{value}, nullptr});
    }
    benchmark::DoNotOptimize(records.data());
    const auto claims = progress.cut();
    progress.settle(claims);
    cutter.reset();
    records.clear();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(batch));
}
BENCHMARK(assemble_batch);

}  // namespace
