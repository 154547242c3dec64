#include "scene.hpp"

#include <fmt/format.h>

#include "machine.hpp"

namespace tidemark::bench {

Scene::Scene(const Settings& settings, const test::KafkaServer::Properties& broker, test::KafkaServer::Tuning tuning)
    : programs_{settings.librdkafka}, broker_{broker, tuning} {
  fmt::print("{}\n", machine());
  for (const auto& line : programs_.versions()) fmt::print("{}\n", line);
}

void Scene::fill(const Filling& filling) {
  fmt::print("filling {} records of {} bytes into {} partitions of {}\n", filling.records, filling.value_bytes,
             filling.partitions, filling.topic);
  fill_topic(brokers(), filling);
}

Program Scene::program(Client client, const std::string& name, const Filling& topic,
                       const std::vector<std::string>& options, int round) const {
  const auto group = fmt::format("{}-{}-{}", topic.topic, name, round);
  auto program = programs_.program(client);
  program.add(
      {"--brokers", brokers(), "--topic", topic.topic, "--group", group, "--records", std::to_string(topic.records)});
  if (client == Client::tidemark || client == Client::tidemark_mimalloc)
    program.add({"--offsets", (offsets_.path() / group).string()});
  return program.add(options);
}

Contender Scene::contender(Client client, const std::string& name, const Filling& topic,
                           const std::vector<std::string>& options) const {
  return Contender{name, [=, this](int round) {
                     return parse_measurement(run_to_end(program(client, name, topic, options, round)));
                   }};
}

std::vector<Contender> Scene::others(const Filling& topic, const std::vector<std::string>& options) const {
  std::vector<Contender> contenders;
  if (has(Client::java)) contenders.push_back(contender(Client::java, "java", topic, options));
  if (has(Client::franz)) contenders.push_back(contender(Client::franz, "franz-go", topic, options));
  return contenders;
}

}  // namespace tidemark::bench
