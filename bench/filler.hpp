#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

struct rd_kafka_s;
struct rd_kafka_topic_s;

namespace tidemark::bench {

/// Sends records to one topic. Throws std::runtime_error.
///
/// Thread safety: distinct objects safe; shared objects unsafe.
class Filler {
 public:
  Filler(const std::string& brokers, const std::string& topic, const std::map<std::string, std::string>& properties);
  ~Filler();

  Filler(const Filler&) = delete;
  Filler& operator=(const Filler&) = delete;

  /// Waits while the queue is full.
  void produce(std::int32_t partition, std::uint64_t key, std::string_view value);
  /// Returns when everything has arrived.
  void flush();

 private:
  rd_kafka_s* client_ = nullptr;
  rd_kafka_topic_s* topic_ = nullptr;
};

}  // namespace tidemark::bench
