#include "contenders/contender.hpp"

#include <sys/resource.h>

#include <cstdlib>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

namespace tidemark::bench {

ConsumeOptions parse_options(int argc, char** argv) {
  ConsumeOptions options;
  CLI::App app{"Consumes a number of records and prints what it cost"};
  app.add_option("--brokers", options.brokers)->required();
  app.add_option("--topic", options.topic)->required();
  app.add_option("--group", options.group)->required();
  app.add_option("--records", options.records)->required();
  app.add_option("--batch", options.batch);
  app.add_option("--work-ns", options.work_ns);
  app.add_option("--store", options.store)->check(CLI::IsMember({"none", "file", "kafka"}));
  app.add_option("--offsets", options.offsets);
  app.add_option("--ahead", options.ahead);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::exit(app.exit(error));
  }
  return options;
}

void work(std::chrono::nanoseconds time) {
  const auto until = std::chrono::steady_clock::now() + time;
  while (std::chrono::steady_clock::now() < until) continue;
}

bool Stopwatch::add(std::size_t records, std::uint64_t checksum, std::uint64_t wanted) {
  last_ = std::chrono::steady_clock::now();
  if (records_ == 0) first_ = last_;
  records_ += records;
  checksum_ += checksum;
  return records_ >= wanted;
}

void Stopwatch::print() const {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  fmt::print("records={} seconds={:.4f} cpu={:.4f} rss_mib={:.1f} checksum={}\n", records_,
             std::chrono::duration<double>(last_ - first_).count(), seconds(usage.ru_utime) + seconds(usage.ru_stime),
             static_cast<double>(usage.ru_maxrss) / 1024, checksum_);
}

}  // namespace tidemark::bench
