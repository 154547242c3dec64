// The file store: a line of its log, and a whole commit.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <vector>

#include <tidemark/stores/file.hpp>

#include "stores/file/log_line.hpp"
#include "support/temporary_folder.hpp"

namespace {

using namespace tidemark;

void encode_line(benchmark::State& state) {
  file::LogLine line{123'456, {}};
  for (std::int32_t i = 0; i < state.range(0); ++i) line.edits[{"orders", i}] = 1'000'000 + i;
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(file::seal(file::encode(line)));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(encode_line)->Arg(1)->Arg(4)->Arg(64)->Arg(1'000);

void commit(benchmark::State& state, bool sync) {
  const test::TemporaryFolder folder;
  FileOffsetStore store{{.directory = folder / "offsets", .sync = sync}};
  std::vector<OffsetRange> ranges;
  for (std::int32_t i = 0; i < state.range(0); ++i) ranges.push_back({{"orders", i}, 0, 1});
  for ([[maybe_unused]] auto _ : state) {
    if (store.commit({"billing"}, ranges)) return state.SkipWithError("a conflict");
    for (auto& range : ranges) range = {std::move(range.partition), range.until, range.until + 1};
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK_CAPTURE(commit, synced, true)->Arg(4)->Arg(64)->UseRealTime();
BENCHMARK_CAPTURE(commit, not_synced, false)->Arg(4)->Arg(64);

}  // namespace
