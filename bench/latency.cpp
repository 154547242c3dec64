#include <array>

#include <fmt/format.h>

#include "benchmarks.hpp"
#include "pacer.hpp"
#include "report.hpp"
#include "scene.hpp"
#include "support/kafka_admin.hpp"

namespace tidemark::bench {
namespace {

// Joining the group, and the first seconds of a virtual machine, are not what is measured.
constexpr std::uint64_t skipped = 5'000;

constexpr std::array<Column, 3> columns{{{"p50 ms", &Measurement::p50_ms},
                                         {"p99 ms", &Measurement::p99_ms},
                                         {"CPU-s per M records", &Measurement::cpu_per_million}}};

class Paced {
 public:
  Paced(const Scene& scene, std::uint64_t records) : scene_{scene}, records_{skipped + records} {}

  /// Reads a topic of its own in each round, while it is written.
  Contender contender(Client client, const std::string& name, std::vector<std::string> options) const {
    options.insert(options.end(), {"--latency-skip", std::to_string(skipped)});
    return {name, [=, this](int round) {
              const Filling topic{.topic = fmt::format("{}-{}", name, round), .records = records_};
              test::KafkaAdmin{scene_.brokers()}.create_topic(topic.topic, topic.partitions);
              const Pacer pacer{scene_.brokers(), topic.topic, topic.partitions, topic.records};
              return scene_.contender(client, name, topic, options).run(round);
            }};
  }

 private:
  const Scene& scene_;
  std::uint64_t records_;
};

}  // namespace

void latency(const Settings& settings) {
  const Scene scene{settings};
  const Paced paced{scene, settings.records};
  const auto tidemark = [&](const std::string& name, const std::string& max_wait, const std::string& store) {
    return paced.contender(Client::tidemark, name, {"--max-wait-ms", max_wait, "--store", store, "--ahead", "4"});
  };
  // The others commit nothing, so neither do those that are compared with them.
  std::vector<Contender> contenders{paced.contender(Client::raw, "raw", {"--read", "first"}),
                                    tidemark("tidemark-0ms", "0", "none"), tidemark("tidemark-5ms", "5", "none"),
                                    tidemark("tidemark-0ms-file", "0", "file"),
                                    tidemark("tidemark-5ms-file", "5", "file")};
  if (scene.has(Client::java)) contenders.push_back(paced.contender(Client::java, "java", {}));
  if (scene.has(Client::franz)) contenders.push_back(paced.contender(Client::franz, "franz-go", {}));
  Contest contest{"1,000 records a second", std::move(contenders), settings.rounds, &Measurement::p50_ms};
  contest.run();

  Report report{"latency", settings};
  report.add(contest, columns[1], columns);
  for (const auto& [contender, key] : {std::pair{"raw", "raw"},
                                       {"tidemark-0ms", "0ms"},
                                       {"tidemark-5ms", "5ms"},
                                       {"tidemark-0ms-file", "0ms_file"},
                                       {"tidemark-5ms-file", "5ms_file"},
                                       {"java", "java"},
                                       {"franz-go", "franz"}}) {
    if (!contest.has(contender)) continue;
    report.key(fmt::format("p50_ms_{}", key), contest.median(contender, &Measurement::p50_ms));
    report.key(fmt::format("p99_ms_{}", key), contest.median(contender, &Measurement::p99_ms));
  }
  report.key("p50_extra_ms_0ms", contest.difference("tidemark-0ms", "raw", &Measurement::p50_ms));
  report.key("p99_extra_ms_0ms", contest.difference("tidemark-0ms", "raw", &Measurement::p99_ms));
  report.key("p99_extra_ms_5ms", contest.difference("tidemark-5ms", "raw", &Measurement::p99_ms));
  report.finish();
}

}  // namespace tidemark::bench
