#include <exception>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "throughput.hpp"

int main(int argc, char** argv) try {
  CLI::App app{"Measures tidemark beside librdkafka on a real broker"};
  app.require_subcommand(1);
  tidemark::bench::ThroughputOptions throughput;
  auto* command = app.add_subcommand("throughput", "Small records, as fast as they come");
  command->add_option("--records", throughput.records)->capture_default_str();
  command->add_option("--rounds", throughput.rounds)->capture_default_str()->check(CLI::PositiveNumber);
  CLI11_PARSE(app, argc, argv);
  tidemark::bench::throughput(throughput);
} catch (const std::exception& error) {
  fmt::print(stderr, "{}\n", error.what());
  return 1;
}
