#include "scene.hpp"

#include <fmt/format.h>

#include "machine.hpp"
#include "topic_filler.hpp"

namespace tidemark::bench {

Scene::Scene(std::uint64_t records) : records_{records} {
  print_machine();
  fmt::print("filling {} records of 100 bytes into 4 partitions\n", records);
  fill_topic(broker_.brokers(), {.topic = "records", .records = records});
}

Contender Scene::raw(const std::string& name, std::vector<std::string> options) const {
  return contender(name, "bench_consume_raw", std::move(options));
}

Contender Scene::tidemark(const std::string& name, std::vector<std::string> options) const {
  return contender(name, "bench_consume_tidemark", std::move(options));
}

Contender Scene::contender(const std::string& name, const std::string& program,
                           std::vector<std::string> options) const {
  return Contender{name, [this, name, program, options](int round) {
                     const auto group = fmt::format("{}-{}", name, round);
                     std::vector<std::string> command{TIDEMARK_BENCH_FOLDER "/" + program,
                                                      "--brokers",
                                                      broker_.brokers(),
                                                      "--topic",
                                                      "records",
                                                      "--group",
                                                      group,
                                                      "--records",
                                                      std::to_string(records_),
                                                      "--offsets",
                                                      (offsets_.path() / group).string()};
                     command.insert(command.end(), options.begin(), options.end());
                     return command;
                   }};
}

}  // namespace tidemark::bench
