#include "benchmarks.hpp"
#include "report.hpp"
#include "scene.hpp"

namespace tidemark::bench {

void commit(const Settings& settings) {
  Scene scene{settings};
  const Filling topic{.topic = "commit", .records = settings.records};
  scene.fill(topic);
  const auto contender = [&](const std::string& name, const std::string& store, const std::string& ahead) {
    return scene.tidemark(name, topic, {"--batch", "1000", "--store", store, "--ahead", ahead});
  };
  Contest contest{"batches of 1,000 records",
                  {contender("none", "none", "1"), contender("file", "file", "1"), contender("file-8", "file", "8"),
                   contender("kafka-32", "kafka", "32"), contender("kafka", "kafka", "1")},
                  settings.rounds};
  contest.run();

  Report report{"commit", settings};
  report.add(contest, {"M records/s", &Measurement::rate});
  const auto ratio = [&](const std::string& name) { return contest.ratio(name, "none", &Measurement::rate); };
  report.key("file_ratio", ratio("file"));
  report.key("file_ahead_ratio", ratio("file-8"));
  report.key("kafka_ratio", ratio("kafka-32"));
  report.key("kafka_sync_ratio", ratio("kafka"));
  report.finish();
}

}  // namespace tidemark::bench
