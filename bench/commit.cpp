#include "commit.hpp"

#include <fmt/format.h>

#include "contest.hpp"
#include "scene.hpp"

namespace tidemark::bench {

void commit(const CommitOptions& options) {
  const Scene scene{options.records};
  const auto contender = [&](const std::string& name, const std::string& store, const std::string& ahead) {
    return scene.tidemark(name, {"--batch", "1000", "--store", store, "--ahead", ahead});
  };
  Contest contest{{contender("none", "none", "1"), contender("file", "file", "1"), contender("file-8", "file", "8"),
                   contender("kafka-32", "kafka", "32"), contender("kafka", "kafka", "1")},
                  options.rounds};
  contest.run();
  contest.print_table();
  contest.print_noise();
  const auto ratio = [&](const std::string& name) { return contest.ratio(name, "none", &Measurement::rate).median; };
  fmt::print(
      "bench commit: file_ratio={:.3f} file_ahead_ratio={:.3f} kafka_ratio={:.3f} kafka_sync_ratio={:.3f} noisy={}\n",
      ratio("file"), ratio("file-8"), ratio("kafka-32"), ratio("kafka"), contest.is_noisy() ? "yes" : "no");
}

}  // namespace tidemark::bench
