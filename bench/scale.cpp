#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "benchmarks.hpp"
#include "report.hpp"
#include "scene.hpp"

namespace tidemark::bench {
namespace {

constexpr std::array<Column, 3> startup_columns{{{"start-up s", &Measurement::startup_seconds},
                                                 {"CPU-s per M records", &Measurement::cpu_per_million},
                                                 {"peak RSS MiB", &Measurement::rss_mib, 1}}};

/// A handler that waits for I/O, once a batch: with more workers more of them wait at once.
void workers(Report& report, const Scene& scene, const Filling& topic, int rounds) {
  std::vector<Contender> contenders;
  for (const auto* count : {"1", "2", "4"})
    contenders.push_back(scene.tidemark(fmt::format("{} workers", count), topic,
                                        {"--workers", count, "--wait-ns", "20000", "--batch", "1000"}));
  Contest contest{"a handler that waits 20 us a record", std::move(contenders), rounds};
  contest.run();
  report.add(contest, {"M records/s", &Measurement::rate});
  for (const auto count : {2, 4}) {
    auto [min, median, max] = contest.ratio(fmt::format("{} workers", count), "1 workers", &Measurement::rate);
    report.key(fmt::format("workers_{}_linear", count), {min / count, median / count, max / count});
  }
}

void partitions(Report& report, const Scene& scene, const Filling& one, const Filling& many, int rounds) {
  const auto named = [](const char* client, const Filling& topic) {
    return fmt::format("{}, {} part.", client, topic.partitions);
  };
  std::vector<Contender> contenders;
  for (const auto* topic : {&one, &many}) {
    contenders.push_back(scene.raw(named("raw", *topic), *topic));
    contenders.push_back(scene.tidemark(named("tidemark", *topic), *topic, {"--store", "file", "--ahead", "4"}));
  }
  Contest contest{"one worker, more partitions", std::move(contenders), rounds};
  contest.run();
  report.add(contest, {"CPU-s per M records", &Measurement::cpu_per_million});
  const auto growth = [&](const char* client) {
    return contest.ratio(named(client, many), named(client, one), &Measurement::cpu_per_million);
  };
  report.key("partitions_cpu_ratio", growth("tidemark"));
  report.key("raw_partitions_cpu_ratio", growth("raw"));
  report.key("many_partitions_raw_cpu_ratio",
             contest.ratio(named("tidemark", many), named("raw", many), &Measurement::cpu_per_million));
}

/// Until a record of each partition was read.
void startup(Report& report, const Scene& scene, const Filling& topic, int rounds) {
  Contest contest{fmt::format("start-up with {} partitions", topic.partitions),
                  {scene.raw("raw", topic), scene.tidemark("tidemark", topic, {"--store", "file", "--ahead", "4"})},
                  rounds,
                  &Measurement::startup_seconds};
  contest.run();
  report.add(contest, startup_columns[0], startup_columns);
  report.key("startup_s", contest.summary("tidemark", &Measurement::startup_seconds));
  report.key("raw_startup_s", contest.summary("raw", &Measurement::startup_seconds));
  report.key("startup_extra_s", contest.difference("tidemark", "raw", &Measurement::startup_seconds));
}

}  // namespace

void scale(const Settings& settings) {
  // The broker maps two index files a partition: small ones, since there are so many.
  Scene scene{settings, {{"log.index.size.max.bytes", "4096"}, {"num.partitions", "1"}}};
  const auto records = settings.records;
  const Filling sixteen{.topic = "sixteen", .partitions = 16, .records = std::max<std::uint64_t>(records / 10, 1)};
  // As large batches in the broker's log for both: what is looked for is what the number of partitions costs.
  const Filling one{.topic = "one", .partitions = 1, .records = records, .run = 1'000};
  const Filling thousand{.topic = "thousand", .partitions = 1'000, .records = records, .run = 1'000};
  const Filling ten_thousand{.topic = "ten-thousand", .partitions = 10'000, .records = 10'000};
  for (const auto& topic : {sixteen, one, thousand}) scene.fill(topic);

  Report report{"scale", settings};
  workers(report, scene, sixteen, settings.rounds);
  partitions(report, scene, one, thousand, settings.rounds);
  scene.fill(ten_thousand);
  startup(report, scene, ten_thousand, settings.rounds);
  report.finish();
}

}  // namespace tidemark::bench
