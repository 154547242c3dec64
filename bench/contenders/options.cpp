#include "contenders/options.hpp"

#include <cstdlib>

#include <CLI/CLI.hpp>

namespace tidemark::bench {

ConsumeOptions parse_options(int argc, char** argv, const std::string& version) {
  ConsumeOptions options;
  std::int64_t work_ns = 0;
  std::int64_t wait_ns = 0;
  std::int64_t max_wait_ms = options.max_wait.count();
  CLI::App app{"Consumes a number of records and prints what it cost"};
  app.set_version_flag("--version", version);
  app.add_option("--brokers", options.brokers)->required();
  app.add_option("--topic", options.topic)->required();
  app.add_option("--group", options.group)->required();
  app.add_option("--records", options.records)->required();
  app.add_flag("--stay", options.stay);
  app.add_option("--batch", options.batch);
  app.add_option("--work-ns", work_ns);
  app.add_option("--wait-ns", wait_ns);
  const auto* latencies = app.add_option("--latency-skip", options.latency_skip);
  app.add_option("--settings", options.settings)->check(CLI::IsMember({"equal", "default"}));
  app.add_option("--read", options.read)->check(CLI::IsMember({"batch", "first"}));
  app.add_option("--max-wait-ms", max_wait_ms);
  app.add_option("--workers", options.workers);
  app.add_option("--store", options.store)->check(CLI::IsMember({"none", "file", "kafka"}));
  app.add_option("--offsets", options.offsets);
  app.add_option("--ahead", options.ahead);
  app.add_option("--handling", options.handling)->check(CLI::IsMember({"plain", "typed", "guarded"}));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::exit(app.exit(error));
  }
  options.latencies = latencies->count() > 0;
  options.work = std::chrono::nanoseconds{work_ns};
  options.wait = std::chrono::nanoseconds{wait_ns};
  options.max_wait = std::chrono::milliseconds{max_wait_ms};
  return options;
}

}  // namespace tidemark::bench
