#include <algorithm>

#include "benchmarks.hpp"
#include "report.hpp"
#include "scene.hpp"

namespace tidemark::bench {
namespace {

constexpr Column charted{"CPU-s per M records", &Measurement::cpu_per_million};

const std::vector<std::string> file_store{"--store", "file", "--ahead", "4"};

std::vector<std::string> with(const char* option, const char* value) {
  auto options = file_store;
  options.insert(options.end(), {option, value});
  return options;
}

/// Of the ways to read librdkafka, the one that was cheapest here.
std::string best_raw(const Contest& contest) {
  const auto cost = [&](const char* name) { return contest.median(name, &Measurement::cpu_per_million); };
  return cost("raw") <= cost("raw-first") ? "raw" : "raw-first";
}

Contest contest_of(const Scene& scene, const std::string& title, const Filling& topic, int rounds) {
  std::vector<Contender> contenders{scene.raw("raw", topic), scene.raw("raw-first", topic, {"--read", "first"}),
                                    scene.tidemark("tidemark", topic, file_store)};
  for (auto& other : scene.others(topic)) contenders.push_back(std::move(other));
  if (topic.value_bytes == 100) {
    contenders.push_back(scene.tidemark("tidemark-typed", topic, with("--handling", "typed")));
    contenders.push_back(scene.tidemark("tidemark-guarded", topic, with("--handling", "guarded")));
  } else {
    contenders.push_back(scene.tidemark("tidemark-first", topic, with("--max-wait-ms", "0")));
  }
  if (scene.has(Client::tidemark_mimalloc)) {
    contenders.push_back(scene.contender(Client::raw_mimalloc, "raw-mimalloc", topic));
    contenders.push_back(scene.contender(Client::tidemark_mimalloc, "tidemark-mimalloc", topic, file_store));
  }
  Contest contest{title, std::move(contenders), rounds};
  contest.run();
  return contest;
}

void add_small(Report& report, const Contest& contest) {
  report.add(contest, charted);
  const auto raw = best_raw(contest);
  report.key("cpu_ratio", contest.ratio("tidemark", raw, &Measurement::cpu_per_million));
  report.key("rate_ratio", contest.ratio("tidemark", raw, &Measurement::rate));
  report.key("rss_extra_mib", contest.difference("tidemark", raw, &Measurement::rss_mib), 1);
  report.key("typed_rate_ratio", contest.ratio("tidemark-typed", "tidemark", &Measurement::rate));
  report.key("guarded_rate_ratio", contest.ratio("tidemark-guarded", "tidemark", &Measurement::rate));
  report.key("guarded_cpu_ratio", contest.ratio("tidemark-guarded", "tidemark", &Measurement::cpu_per_million));
  if (contest.has("java"))
    report.key("java_cpu_ratio", contest.ratio("tidemark", "java", &Measurement::cpu_per_million));
  if (!contest.has("tidemark-mimalloc")) return;
  report.key("mimalloc_gain", contest.ratio("tidemark", "tidemark-mimalloc", &Measurement::cpu_per_million));
  if (contest.has("franz-go"))
    report.key("franz_cpu_ratio", contest.ratio("tidemark-mimalloc", "franz-go", &Measurement::cpu_per_million));
}

void add_large(Report& report, const Contest& contest, const std::string& suffix) {
  report.add(contest, charted);
  const auto raw = best_raw(contest);
  report.key("cpu_ratio_" + suffix, contest.ratio("tidemark", raw, &Measurement::cpu_per_million));
  report.key("rate_ratio_" + suffix, contest.ratio("tidemark", raw, &Measurement::rate));
  report.key("first_cpu_ratio_" + suffix, contest.ratio("tidemark-first", "raw-first", &Measurement::cpu_per_million));
}

}  // namespace

void throughput(const Settings& settings) {
  Scene scene{settings};
  const Filling small{.topic = "small", .records = settings.records};
  const auto tenth = std::max<std::uint64_t>(settings.records / 10, 1);
  const Filling plain{.topic = "plain", .records = tenth, .value_bytes = 1024};
  const Filling lz4{.topic = "lz4", .records = tenth, .value_bytes = 1024, .compression = "lz4"};
  for (const auto& topic : {small, plain, lz4}) scene.fill(topic);

  Report report{"throughput", settings};
  add_small(report, contest_of(scene, "100 bytes a record", small, settings.rounds));
  add_large(report, contest_of(scene, "1 KiB a record", plain, settings.rounds), "1k");
  add_large(report, contest_of(scene, "1 KiB a record, lz4", lz4, settings.rounds), "1k_lz4");
  report.finish();
}

}  // namespace tidemark::bench
