#include "throughput.hpp"

#include <fmt/format.h>

#include "contest.hpp"
#include "machine.hpp"
#include "support/kafka_server.hpp"
#include "support/temporary_folder.hpp"
#include "topic_filler.hpp"

namespace tidemark::bench {

void throughput(const ThroughputOptions& options) {
  print_machine();
  test::KafkaServer broker;
  const test::TemporaryFolder offsets;
  fmt::print("filling {} records of 100 bytes into 4 partitions\n", options.records);
  fill_topic(broker.brokers(), {.topic = "throughput", .records = options.records});

  const auto contender = [&](const std::string& name, const std::string& program, bool keeps_offsets) {
    return Contender{name, [&, name, program, keeps_offsets](int round) {
                       const auto group = fmt::format("{}-{}", name, round);
                       std::vector<std::string> command{TIDEMARK_BENCH_FOLDER "/" + program,
                                                        "--brokers",
                                                        broker.brokers(),
                                                        "--topic",
                                                        "throughput",
                                                        "--group",
                                                        group,
                                                        "--records",
                                                        std::to_string(options.records)};
                       if (keeps_offsets)
                         command.insert(command.end(), {"--offsets", (offsets.path() / group).string()});
                       return command;
                     }};
  };
  Contest contest{{contender("raw", "bench_consume_raw", false), contender("tidemark", "bench_consume_tidemark", true),
                   contender("no-store", "bench_consume_tidemark", false)},
                  options.rounds};
  contest.run();
  contest.print_table();

  const auto cpu = contest.ratio("tidemark", "raw", &Measurement::cpu_per_million);
  const auto rate = contest.ratio("tidemark", "raw", &Measurement::rate);
  fmt::print("\ntidemark / raw, round by round: CPU {:.3f} [{:.3f} – {:.3f}], rate {:.3f} [{:.3f} – {:.3f}]\n",
             cpu.median, cpu.min, cpu.max, rate.median, rate.min, rate.max);
  if (contest.is_noisy())
    fmt::print("this machine was too noisy to judge: the CPU figures of one contender lie far apart\n");
  fmt::print("bench throughput: cpu_ratio={:.3f} rate_ratio={:.3f} rss_extra_mib={:.1f} noisy={}\n", cpu.median,
             rate.median, contest.median_rss("tidemark") - contest.median_rss("raw"),
             contest.is_noisy() ? "yes" : "no");
}

}  // namespace tidemark::bench
