#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "support/kafka_admin.hpp"
#include "support/kafka_server.hpp"
#include "support/process.hpp"
#include "support/temporary_folder.hpp"
#include "support/test_producer.hpp"
#include "support/unique_name.hpp"

namespace tidemark::test {

/// A process that is a member of a group, and whose wall clock can be stepped: see clock/member.cpp.
class SteppedMember {
 public:
  /// By partition and offset, how often a record was handled.
  using Handled = std::map<std::pair<std::int32_t, std::int64_t>, int>;

  SteppedMember(const std::string& topic, const std::string& database, const std::string& handler);
  ~SteppedMember();
  SteppedMember(const SteppedMember&) = delete;
  SteppedMember& operator=(const SteppedMember&) = delete;

  void step_clock(std::chrono::seconds by) { *step_ = by.count(); }

  /// Lines so far that begin with this.
  std::size_t count(const std::string& line) const;
  void add_to(Handled& handled) const;
  std::string output() const { return process_->output(); }
  /// SIGTERM; false where it does not end, and well, soon.
  bool ends_well();

 private:
  TemporaryFolder folder_;
  std::atomic<std::int64_t>* step_ = nullptr;
  std::unique_ptr<Process> process_;
};

/// A topic of two partitions, and the store of those who read it.
struct SteppedGroup {
  std::string topic = unique_name("stepped");
  TemporaryFolder folder;
  std::string database = folder / "offsets.db";
  TestProducer producer{KafkaServer::shared().brokers()};
  std::int64_t written = 0;  ///< To each partition.

  SteppedGroup() { KafkaAdmin{KafkaServer::shared().brokers()}.create_topic(topic, 2); }

  void write() {
    for (int partition = 0; partition < 2; ++partition) producer.produce(topic, partition, "key", "value");
    producer.flush();
    ++written;
  }
};

}  // namespace tidemark::test
