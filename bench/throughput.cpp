#include "throughput.hpp"

#include <fmt/format.h>

#include "contest.hpp"
#include "scene.hpp"

namespace tidemark::bench {

void throughput(const ThroughputOptions& options) {
  const Scene scene{options.records};
  Contest contest{{scene.raw("raw"), scene.tidemark("tidemark", {"--store", "file", "--ahead", "4"}),
                   scene.tidemark("in-step", {"--store", "file"}), scene.tidemark("no-store")},
                  options.rounds};
  contest.run();
  contest.print_table();

  const auto cpu = contest.ratio("tidemark", "raw", &Measurement::cpu_per_million);
  const auto rate = contest.ratio("tidemark", "raw", &Measurement::rate);
  fmt::print("\ntidemark / raw, round by round: CPU {:.3f} [{:.3f} – {:.3f}], rate {:.3f} [{:.3f} – {:.3f}]\n",
             cpu.median, cpu.min, cpu.max, rate.median, rate.min, rate.max);
  contest.print_noise();
  fmt::print("bench throughput: cpu_ratio={:.3f} rate_ratio={:.3f} rss_extra_mib={:.1f} noisy={}\n", cpu.median,
             rate.median, contest.median_rss("tidemark") - contest.median_rss("raw"),
             contest.is_noisy() ? "yes" : "no");
}

}  // namespace tidemark::bench
