#pragma once

#include <array>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <tidemark/stores/kafka.hpp>
#include <tidemark/testing/embedded_broker.hpp>

#include "support/eventually.hpp"
#include "support/process.hpp"
#include "support/temporary_folder.hpp"

namespace tidemark::test {

/// Where an example's program, or a file of examples/, is.
inline std::filesystem::path example_program(const std::string& folder, const std::string& name) {
  return std::filesystem::path{TIDEMARK_EXAMPLE_PROGRAMS} / folder / name;
}
inline std::filesystem::path example_source(const std::string& name) {
  return std::filesystem::path{TIDEMARK_EXAMPLE_SOURCES} / name;
}

/// An example on a broker with the topic "orders" of two partitions, in an empty folder.
class Example {
 public:
  /// `arguments` follow BROKERS TOPIC GROUP.
  Example(const std::string& folder, const std::string& name, std::vector<std::string> arguments = {})
      : program_{example_program(folder, name)}, arguments_{std::move(arguments)} {}

  /// To the partition that the key's hash names.
  void produce(const std::string& key, const std::string& value) { produce({std::nullopt, key, value}); }
  void produce_to(std::int32_t partition, const std::string& key, const std::string& value) {
    produce({partition, key, value});
  }

  /// The same records on a new broker, for a second run: the one of librdkafka 2.0.2 keeps a member that has left until its session
  /// is over, and lets nobody else begin for so long.
  void renew_broker() {
    broker_ = std::make_unique<testing::EmbeddedBroker>(options_);
    for (const auto& record : records_) send(record);
    broker_->flush();
  }

  /// What the group has stored in Kafka, over both partitions.
  std::int64_t offsets_in_kafka() const {
    KafkaOffsetStore store{{.brokers = broker_->brokers()}};
    const std::array<TopicPartition, 2> partitions{{{"orders", 0}, {"orders", 1}}};
    std::int64_t sum = 0;
    for (const auto& next : store.load({.group = "billing"}, partitions)) sum += next.value_or(0);
    return sum;
  }

  std::filesystem::path file(const std::string& name) const { return folder_ / name; }

  std::vector<std::string> command() const {
    std::vector<std::string> command{program_.string(), broker_->brokers(), "orders", "billing"};
    command.insert(command.end(), arguments_.begin(), arguments_.end());
    return command;
  }
  Process::Options start() const { return {.command = command(), .working_folder = folder_.path()}; }
  /// With its standard output going where every write fails.
  Process::Options start_with_full_output() const {
    auto with_shell = command();
    with_shell.insert(with_shell.begin(), {"sh", "-c", "exec \"$0\" \"$@\" >/dev/full"});
    return {.command = with_shell, .working_folder = folder_.path()};
  }
  Process::Options start_without_arguments() const { return {.command = {program_.string()}}; }

 private:
  struct Record {
    std::optional<std::int32_t> partition;
    std::string key;
    std::string value;
  };

  void produce(Record record) {
    records_.push_back(std::move(record));
    send(records_.back());
    broker_->flush();
  }
  void send(const Record& record) {
    broker_->produce({.topic = "orders", .partition = record.partition, .key = record.key, .value = record.value});
  }

  const testing::EmbeddedBrokerOptions options_{.topics = {{"orders", 2}}};
  const std::filesystem::path program_;
  const std::vector<std::string> arguments_;
  std::vector<Record> records_;
  std::unique_ptr<testing::EmbeddedBroker> broker_ = std::make_unique<testing::EmbeddedBroker>(options_);
  TemporaryFolder folder_;
};

inline constexpr std::chrono::seconds patience{60};

inline bool says(const Process& process, const std::string& text) {
  return eventually([&] { return process.output().find(text) != std::string::npos; }, patience);
}

inline std::optional<ExitStatus> end(Process& process, int signal = SIGTERM) {
  process.send(signal);
  return process.wait(patience);
}

}  // namespace tidemark::test
