#pragma once

#include <string>
#include <vector>

#include "client_programs.hpp"
#include "contest.hpp"
#include "settings.hpp"
#include "support/kafka_server.hpp"
#include "support/temporary_folder.hpp"
#include "topic_filler.hpp"

namespace tidemark::bench {

/// A broker of its own, its topics, and who consumes them.
class Scene {
 public:
  /// Prints the machine and the versions of all that takes part.
  explicit Scene(const Settings& settings, const test::KafkaServer::Properties& broker = {},
                 test::KafkaServer::Tuning tuning = test::KafkaServer::Tuning::lasting);

  std::string brokers() const { return broker_.brokers(); }
  void fill(const Filling& filling);

  bool has(Client client) const { return programs_.has(client); }
  /// `options` as the contenders' programs have them. A file store has a new folder in each round.
  Program program(Client client, const std::string& name, const Filling& topic, const std::vector<std::string>& options,
                  int round) const;
  /// A member that watches itself: only tidemark and the Java client.
  Program member(Client client) const { return programs_.member(client); }
  Contender contender(Client client, const std::string& name, const Filling& topic,
                      const std::vector<std::string>& options = {}) const;

  Contender raw(const std::string& name, const Filling& topic, const std::vector<std::string>& options = {}) const {
    return contender(Client::raw, name, topic, options);
  }
  Contender tidemark(const std::string& name, const Filling& topic,
                     const std::vector<std::string>& options = {}) const {
    return contender(Client::tidemark, name, topic, options);
  }
  /// The Java client and franz-go, where they are there.
  std::vector<Contender> others(const Filling& topic, const std::vector<std::string>& options = {}) const;

 private:
  ClientPrograms programs_;
  test::KafkaServer broker_;
  test::TemporaryFolder offsets_;
};

}  // namespace tidemark::bench
