#include <exception>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "busy.hpp"
#include "commit.hpp"
#include "throughput.hpp"

namespace {

/// Adds a benchmark: its name, its options, and what runs it.
template <class Options>
void add(CLI::App& app, const char* name, const char* what, Options& options, void (*run)(const Options&)) {
  auto* command = app.add_subcommand(name, what);
  command->add_option("--records", options.records)->capture_default_str()->check(CLI::PositiveNumber);
  command->add_option("--rounds", options.rounds)->capture_default_str()->check(CLI::PositiveNumber);
  command->callback([&options, run] { run(options); });
}

}  // namespace

int main(int argc, char** argv) try {
  CLI::App app{"Measures tidemark beside librdkafka on a real broker"};
  app.require_subcommand(1);
  tidemark::bench::ThroughputOptions throughput;
  tidemark::bench::BusyOptions busy;
  tidemark::bench::CommitOptions commit;
  add(app, "throughput", "Small records, as fast as they come", throughput, tidemark::bench::throughput);
  add(app, "busy", "A handler that works on each record", busy, tidemark::bench::busy);
  add(app, "commit", "A commit for each 1,000 records", commit, tidemark::bench::commit);
  CLI11_PARSE(app, argc, argv);
} catch (const std::exception& error) {
  fmt::print(stderr, "{}\n", error.what());
  return 1;
}
