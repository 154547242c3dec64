#include <array>

#include <fmt/format.h>

#include "benchmarks.hpp"
#include "report.hpp"
#include "scene.hpp"

namespace tidemark::bench {
namespace {

struct Work {
  const char* name;
  std::uint64_t ns;
};

// With librdkafka by itself, which stalls: a round takes half a minute before 2.2, so only here.
constexpr std::uint64_t compared_ns = 1'000;

constexpr std::array<Work, 3> works{{{"500ns", 500}, {"1us", 1'000}, {"2us", 2'000}}};

Contest contest_of(const Scene& scene, const Work& work, const Filling& topic, int rounds) {
  const std::vector<std::string> options{"--work-ns", std::to_string(work.ns), "--batch", "1000"};
  auto with_defaults = options;
  with_defaults.insert(with_defaults.end(), {"--settings", "default"});
  std::vector<Contender> contenders{scene.tidemark("tidemark", topic, options)};
  if (work.ns == compared_ns) {
    contenders.push_back(scene.raw("raw-default", topic, with_defaults));
    contenders.push_back(scene.raw("raw", topic, options));
  }
  for (auto& other : scene.others(topic, options)) contenders.push_back(std::move(other));
  Contest contest{fmt::format("a handler of {} a record", work.name), std::move(contenders), rounds,
                  &Measurement::seconds_per_million};
  contest.run();
  return contest;
}

}  // namespace

void busy(const Settings& settings) {
  // Few threads of its own: the handler computes on the same cores.
  Scene scene{settings, {}, test::KafkaServer::Tuning::brief};
  const Filling topic{.topic = "busy", .records = settings.records};
  scene.fill(topic);
  Report report{"busy", settings};
  double stalls = 0;
  for (const auto& work : works) {
    const auto contest = contest_of(scene, work, topic, settings.rounds);
    report.add(contest, {"seconds per M records", &Measurement::seconds_per_million});
    stalls += contest.summary("tidemark", &Measurement::stalls).max;
    const auto ideal = static_cast<double>(work.ns) / 1e3;
    auto [min, median, max] = contest.summary("tidemark", &Measurement::seconds_per_million);
    report.key(fmt::format("ideal_ratio_{}", work.name), {min / ideal, median / ideal, max / ideal});
    if (work.ns == compared_ns)
      report.key("speedup_over_default", contest.ratio("tidemark", "raw-default", &Measurement::rate));
  }
  report.key("stalls", stalls, 0);
  report.finish();
}

}  // namespace tidemark::bench
