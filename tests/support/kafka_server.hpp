#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "support/process.hpp"
#include "support/temporary_folder.hpp"

namespace tidemark::test {

/// A real Kafka broker (KRaft, one process) on free loopback ports with its data in a temporary folder, ready when the constructor
/// returns. It dies with the test program. tests/run.sh fetches its jars; $TIDEMARK_KAFKA_LIBS names another folder of them.
///
/// Thread safety: shared objects unsafe, except brokers().
/// Errors:        std::runtime_error with the end of the broker's log where it does not come up.
class KafkaServer {
 public:
  using Properties = std::map<std::string, std::string>;

  /// What its Java machine is tuned for: to start soon and leave the cores to a test, or to run as Kafka's own scripts run it.
  enum class Tuning { brief, lasting };

  /// The one of this test program, started when first asked for. Tests that stop or kill a broker take one of their own.
  static KafkaServer& shared();

  /// `properties` are added to the broker's own, or replace them. `listeners`: more of them, by name, each with its security protocol.
  explicit KafkaServer(Properties properties = {}, Tuning tuning = Tuning::brief,
                       const std::map<std::string, std::string>& listeners = {});

  /// One more broker of the cluster that `first` controls, with a number from 2 on.
  KafkaServer(const KafkaServer& first, int number);

  std::string brokers() const;
  std::string brokers(const std::string& listener) const;

  /// SIGKILL. What was acknowledged is on disk or in the page cache, so start() finds it again.
  void kill();
  /// Starts it again with the same ports and data, after kill(). Takes a few seconds longer than the first start.
  void start();
  void freeze() { process_->freeze(); }
  void thaw() { process_->thaw(); }

  std::string log() const;

  /// The first segment of a partition's log.
  std::filesystem::path segment(const std::string& topic, std::int32_t partition) const;

 private:
  void write_properties(const Properties& added, const std::map<std::string, std::string>& listeners) const;
  Properties beside(const KafkaServer& first, int number) const;
  void format() const;

  TemporaryFolder folder_;
  Tuning tuning_;
  std::filesystem::path log_file_;
  std::uint16_t port_;
  std::uint16_t controller_port_;
  std::map<std::string, std::uint16_t> listener_ports_;
  std::unique_ptr<Process> process_;
};

}  // namespace tidemark::test
