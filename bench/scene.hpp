#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "contest.hpp"
#include "support/kafka_server.hpp"
#include "support/temporary_folder.hpp"

namespace tidemark::bench {

/// A broker of its own with one topic of small records in four partitions, and who consumes it.
class Scene {
 public:
  explicit Scene(std::uint64_t records);

  /// librdkafka by itself; `options` as the contenders' programs have them.
  Contender raw(const std::string& name, std::vector<std::string> options = {}) const;
  /// tidemark without a store, unless the options name one. A file store has a new folder in each run.
  Contender tidemark(const std::string& name, std::vector<std::string> options = {}) const;

 private:
  Contender contender(const std::string& name, const std::string& program, std::vector<std::string> options) const;

  std::uint64_t records_;
  test::KafkaServer broker_;
  test::TemporaryFolder offsets_;
};

}  // namespace tidemark::bench
