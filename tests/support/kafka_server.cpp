#include "support/kafka_server.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <vector>

#include "support/end_of.hpp"
#include "support/eventually.hpp"
#include "support/free_port.hpp"
#include "support/kafka_admin.hpp"

using namespace std::chrono_literals;

namespace tidemark::test {
namespace {

constexpr auto start_timeout = 60s;

std::string class_path() {
  const char* given = std::getenv("TIDEMARK_KAFKA_LIBS");
  const std::filesystem::path folder = given != nullptr ? given : TIDEMARK_KAFKA_LIBS;
  if (!std::filesystem::exists(folder)) {
    throw std::runtime_error{"no Kafka in " + folder.string() +
                             ": run ./tests/run.sh, which fetches it, or set TIDEMARK_KAFKA_LIBS"};
  }
  return folder / "*";
}

// The quick compiler and the plain collector; or what kafka-server-start.sh says.
const std::vector<std::string> brief{"-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"};
const std::vector<std::string> lasting{"-Xms1g", "-Xmx1g", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20",
                                       "-XX:InitiatingHeapOccupancyPercent=35"};

std::vector<std::string> java(const std::vector<std::string>& tuning, const std::vector<std::string>& arguments) {
  std::vector<std::string> command{"java"};
  command.insert(command.end(), tuning.begin(), tuning.end());
  command.insert(command.end(),
                 {"-Dorg.slf4j.simpleLogger.showDateTime=true", "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS",
                  "-Dorg.slf4j.simpleLogger.log.org.apache.kafka.common.config=error", "-cp", class_path()});
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

/// In $TIDEMARK_SERVER_LOGS it outlives the test.
std::filesystem::path log_file_in(const std::filesystem::path& folder, std::uint16_t port) {
  const char* kept = std::getenv("TIDEMARK_SERVER_LOGS");
  if (kept == nullptr) return folder / "server.log";
  std::filesystem::create_directories(kept);
  return std::filesystem::path{kept} / fmt::format("kafka-{}-{}.log", ::getpid(), port);
}

}  // namespace

KafkaServer& KafkaServer::shared() {
  static KafkaServer server;
  return server;
}

KafkaServer::KafkaServer(Properties properties, Tuning tuning, const std::map<std::string, std::string>& listeners)
    : tuning_{tuning}, port_{free_port()}, controller_port_{free_port()} {
  log_file_ = log_file_in(folder_.path(), port_);
  for (const auto& [name, protocol] : listeners) listener_ports_[name] = free_port();
  write_properties(properties, listeners);
  format();
  start();
}

KafkaServer::KafkaServer(const KafkaServer& first, int number)
    : tuning_{Tuning::brief}, port_{free_port()}, controller_port_{first.controller_port_} {
  log_file_ = log_file_in(folder_.path(), port_);
  write_properties(beside(first, number), {});
  format();
  start();
}

/// What is another's where the controller is: not in this process.
KafkaServer::Properties KafkaServer::beside(const KafkaServer& first, int number) const {
  return {{"process.roles", "broker"},
          {"node.id", std::to_string(number)},
          {"controller.quorum.voters", fmt::format("1@127.0.0.1:{}", first.controller_port_)},
          {"listeners", "PLAINTEXT://" + brokers()}};
}

std::string KafkaServer::brokers() const { return fmt::format("127.0.0.1:{}", port_); }

std::string KafkaServer::brokers(const std::string& listener) const {
  return fmt::format("127.0.0.1:{}", listener_ports_.at(listener));
}

void KafkaServer::kill() { process_->kill(); }

void KafkaServer::start() {
  const auto& tuning = tuning_ == Tuning::brief ? brief : lasting;
  process_ = std::make_unique<Process>(Process::Options{
      .command = java(tuning, {"kafka.Kafka", folder_ / "server.properties"}), .output_file = log_file_});
  KafkaAdmin admin{brokers()};
  const auto answers_or_died = [&] { return admin.is_cluster_ready(200ms) || !process_->running(); };
  if (!eventually(answers_or_died, start_timeout) || !process_->running()) {
    throw std::runtime_error{"Kafka did not start. The end of its log:\n" + end_of(log())};
  }
}

std::string KafkaServer::log() const {
  std::ifstream file{log_file_};
  return {std::istreambuf_iterator<char>{file}, {}};
}

std::filesystem::path KafkaServer::segment(const std::string& topic, std::int32_t partition) const {
  return folder_ / fmt::format("data/{}-{}/{:020}.log", topic, partition, 0);
}

void KafkaServer::write_properties(const Properties& added, const std::map<std::string, std::string>& listeners) const {
  Properties all{
      {"process.roles", "broker,controller"},
      {"node.id", "1"},
      {"controller.quorum.voters", fmt::format("1@127.0.0.1:{}", controller_port_)},
      {"listeners", fmt::format("PLAINTEXT://127.0.0.1:{},CONTROLLER://127.0.0.1:{}", port_, controller_port_)},
      {"listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT"},
      {"controller.listener.names", "CONTROLLER"},
      {"inter.broker.listener.name", "PLAINTEXT"},
      {"log.dirs", folder_ / "data"},
      {"auto.create.topics.enable", "false"},
      {"offsets.topic.num.partitions", "2"},
      {"offsets.topic.replication.factor", "1"},
      {"transaction.state.log.num.partitions", "2"},
      {"transaction.state.log.replication.factor", "1"},
      {"transaction.state.log.min.isr", "1"},
      {"group.initial.rebalance.delay.ms", "0"},
      {"group.min.session.timeout.ms", "1000"},
      // After a kill the controller waits for the dead broker's session to end before it admits the new one.
      {"broker.heartbeat.interval.ms", "500"},
      {"broker.session.timeout.ms", "3000"},
      // Compaction, retention and transaction time-outs that a test can wait for.
      {"log.initial.task.delay.ms", "500"},
      {"log.retention.check.interval.ms", "500"},
      {"log.retention.ms", "-1"},  // records with timestamps of long ago stay, unless their topic says otherwise
      {"log.cleaner.backoff.ms", "500"},
      {"transaction.abort.timed.out.transaction.cleanup.interval.ms", "500"},
      {"num.network.threads", "2"},
      {"num.io.threads", "2"},
      {"background.threads", "2"},
  };
  for (const auto& [name, protocol] : listeners) {
    all["listeners"] += fmt::format(",{}://{}", name, brokers(name));
    all["listener.security.protocol.map"] += fmt::format(",{}:{}", name, protocol);
  }
  for (const auto& [name, value] : added) all.insert_or_assign(name, value);
  std::ofstream file{folder_ / "server.properties"};
  for (const auto& [name, value] : all) file << name << '=' << value << '\n';
}

void KafkaServer::format() const {
  Process process{{.command = java(brief, {"kafka.tools.StorageTool", "format", "--cluster-id",
                                           "dGlkZW1hcmstdGVzdHMtMA", "--config", folder_ / "server.properties"})}};
  const auto end = process.wait(start_timeout);
  if (!end || end->code != 0) {
    throw std::runtime_error{"Kafka could not format its storage:\n" + end_of(process.output())};
  }
}

}  // namespace tidemark::test
