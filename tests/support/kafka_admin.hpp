#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

struct rd_kafka_s;

namespace tidemark::test {

/// Changes and questions that tests have for a Kafka cluster. Every change is visible to new clients when its function returns.
///
/// Thread safety: shared objects safe.
/// Errors:        std::runtime_error with the broker's answer.
class KafkaAdmin {
 public:
  explicit KafkaAdmin(const std::string& brokers);
  ~KafkaAdmin();

  /// Whether a broker answers within `timeout`.
  bool is_cluster_ready(std::chrono::milliseconds timeout);

  void create_topic(const std::string& topic, int partitions = 1,
                    const std::map<std::string, std::string>& config = {});
  void delete_topic(const std::string& topic);
  void grow_topic(const std::string& topic, int partitions);
  /// Moves the partition's beginning up to `before`, as retention does.
  void delete_records(const std::string& topic, std::int32_t partition, std::int64_t before);

  std::int64_t begin_offset(const std::string& topic, std::int32_t partition);
  /// The number of the partition's leader; -1 where it has none.
  int leader(const std::string& topic, std::int32_t partition);
  /// The high watermark: records of open transactions count.
  std::int64_t end_offset(const std::string& topic, std::int32_t partition);
  /// What the group coordinator holds.
  std::optional<std::int64_t> committed_offset(const std::string& group, const std::string& topic,
                                               std::int32_t partition);

 private:
  void wait_for_partitions(const std::string& topic, int partitions);

  struct Destroy {
    void operator()(rd_kafka_s* client) const noexcept;
  };
  std::unique_ptr<rd_kafka_s, Destroy> client_;
};

}  // namespace tidemark::test
