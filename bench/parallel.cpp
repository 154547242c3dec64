#include "benchmarks.hpp"
#include "report.hpp"
#include "scene.hpp"

namespace tidemark::bench {
namespace {

// 1,000 calls of 10 ms at once.
constexpr double ideal_rate = 0.1;

constexpr std::array<Column, 3> columns{{{"M records/s", &Measurement::rate},
                                         {"CPU-s per M records", &Measurement::cpu_per_million},
                                         {"peak RSS MiB", &Measurement::rss_mib, 1}}};

}  // namespace

void parallel(const Settings& settings) {
  Scene scene{settings};
  const Filling calls{.topic = "calls", .partitions = 1, .records = settings.records, .keys = 10'000};
  scene.fill(calls);

  std::vector<Contender> contenders{
      scene.contender(Client::parallel_tidemark, "tidemark", calls, {"--batch", "50000", "--ahead", "2"})};
  if (scene.has(Client::parallel_java))
    contenders.push_back(scene.contender(Client::parallel_java, "parallel-consumer", calls));
  Contest contest{"a call of 10 ms for each record, 1,000 at once, 10,000 keys in order", std::move(contenders),
                  settings.rounds, &Measurement::rate};
  contest.run();

  Report report{"parallel", settings};
  report.add(contest, columns[0], columns);
  report.key("ideal_ratio", contest.median("tidemark", &Measurement::rate) / ideal_rate);
  if (contest.has("parallel-consumer")) {
    report.key("rate_ratio", contest.ratio("tidemark", "parallel-consumer", &Measurement::rate));
    report.key("rss_ratio", contest.ratio("tidemark", "parallel-consumer", &Measurement::rss_mib));
    report.key("cpu_ratio", contest.ratio("tidemark", "parallel-consumer", &Measurement::cpu_per_million));
  }
  report.finish();
}

}  // namespace tidemark::bench
