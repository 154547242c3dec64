#include "busy.hpp"

#include <array>

#include <fmt/format.h>

#include "contest.hpp"
#include "scene.hpp"

namespace tidemark::bench {
namespace {

struct Work {
  const char* name;
  std::uint64_t ns;
};

constexpr std::array<Work, 3> works{{{"500ns", 500}, {"1us", 1'000}, {"2us", 2'000}}};

}  // namespace

void busy(const BusyOptions& options) {
  const Scene scene{options.records};
  std::string line = "bench busy:";
  bool noisy = false;
  for (const auto& [name, ns] : works) {
    const auto work = std::to_string(ns);
    fmt::print("\na handler of {} a record\n", name);
    Contest contest{{scene.raw(fmt::format("raw-{}", name), {"--work-ns", work, "--batch", "1000"}),
                     scene.tidemark(fmt::format("tidemark-{}", name), {"--work-ns", work, "--batch", "1000"})},
                    options.rounds};
    contest.run();
    contest.print_table();
    contest.print_noise();
    noisy = noisy || contest.is_noisy();
    const auto ideal_seconds_per_million = static_cast<double>(ns) / 1e3;
    line += fmt::format(
        " ideal_ratio_{}={:.3f} speedup_over_default_{}={:.2f}", name,
        contest.seconds_per_million(fmt::format("tidemark-{}", name)) / ideal_seconds_per_million, name,
        contest.ratio(fmt::format("tidemark-{}", name), fmt::format("raw-{}", name), &Measurement::rate).median);
  }
  fmt::print("{} noisy={}\n", line, noisy ? "yes" : "no");
}

}  // namespace tidemark::bench
