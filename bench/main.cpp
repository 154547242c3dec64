#include <array>
#include <exception>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "benchmarks.hpp"

namespace {

using tidemark::bench::Settings;

struct Benchmark {
  const char* name;
  const char* what;
  std::uint64_t records;
  void (*run)(const Settings&);
};

constexpr std::array benchmarks{
    Benchmark{"throughput", "Records as fast as they come", 5'000'000, tidemark::bench::throughput},
    Benchmark{"busy", "A handler that computes for each record", 3'000'000, tidemark::bench::busy},
    Benchmark{"commit", "A commit for each 1,000 records", 5'000'000, tidemark::bench::commit},
    Benchmark{"latency", "From the producer's call to the handler's", 10'000, tidemark::bench::latency},
    Benchmark{"idle", "64 partitions in which nothing happens", 64, tidemark::bench::idle},
    Benchmark{"parallel", "A call of 10 ms for each record, 1,000 at once", 200'000, tidemark::bench::parallel},
    Benchmark{"rebalance", "One of eight members leaves a cooperative group", 0, tidemark::bench::rebalance},
    Benchmark{"scale", "More workers, more partitions", 3'000'000, tidemark::bench::scale},
    Benchmark{"stores", "Commits through each store, beside its bare client; --records: at most in a round", 2'000,
              tidemark::bench::stores},
#ifdef TIDEMARK_BENCH_REDIS
    Benchmark{"redis", "The Redis store beside raw hiredis", 3'000'000, tidemark::bench::redis},
#endif
};

void add(CLI::App& app, const Benchmark& benchmark, Settings& settings) {
  settings.records = benchmark.records;
  auto* command = app.add_subcommand(benchmark.name, benchmark.what);
  command->add_option("--records", settings.records)->capture_default_str()->check(CLI::PositiveNumber);
  command->add_option("--rounds", settings.rounds)->capture_default_str()->check(CLI::PositiveNumber);
  if (benchmark.run == tidemark::bench::stores) command->add_option("--only", settings.only, "one store, by its name");
  command->add_option("--librdkafka", settings.librdkafka, "another librdkafka.so for raw and tidemark")
      ->envname("TIDEMARK_BENCH_LIBRDKAFKA");
  command->add_option("--results", settings.results)->capture_default_str();
  command->add_option("--commit", settings.commit);
  command->callback([&] { benchmark.run(settings); });
}

}  // namespace

int main(int argc, char** argv) try {
  CLI::App app{"Measures tidemark beside other Kafka clients on a real broker"};
  app.require_subcommand(1);
  std::array<Settings, benchmarks.size()> settings;
  for (std::size_t i = 0; i < benchmarks.size(); ++i) add(app, benchmarks[i], settings[i]);
  CLI11_PARSE(app, argc, argv);
} catch (const std::exception& error) {
  fmt::print(stderr, "{}\n", error.what());
  return 1;
}
