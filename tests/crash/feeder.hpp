#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>

#include "support/eventually.hpp"
#include "support/test_producer.hpp"

namespace tidemark::test {

/// Writes records "PARTITION:OFFSET" to all partitions of a topic, always `ahead` of who reads them, until told to stop.
///
/// Thread safety: shared objects safe.
class Feeder {
 public:
  Feeder(const std::string& brokers, std::string topic, int partitions, std::int64_t ahead = 2500)
      : topic_{std::move(topic)}, partitions_{partitions}, ahead_{ahead}, producer_{brokers, {{"linger.ms", "1"}}} {
    thread_ = std::jthread{[this](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        if (acknowledged_ < read_ + ahead_) write(100);
        static_cast<void>(eventually([&] { return stop.stop_requested() || acknowledged_ < read_ + ahead_; }));
      }
    }};
  }

  /// Records a partition that Kafka has acknowledged.
  std::int64_t acknowledged() const { return acknowledged_; }

  /// How far every partition has been read; never goes back.
  void on_read(std::int64_t next) {
    if (next > read_) read_ = next;
  }

  void stop() {
    thread_.request_stop();
    thread_.join();
  }

 private:
  void write(int count) {
    const auto first = acknowledged_.load();
    for (int i = 0; i < count; ++i)
      for (int partition = 0; partition < partitions_; ++partition)
        producer_.produce(topic_, partition, "key", std::to_string(partition) + ':' + std::to_string(first + i));
    producer_.flush();
    acknowledged_ = first + count;
  }

  std::string topic_;
  int partitions_;
  std::int64_t ahead_;
  TestProducer producer_;
  std::atomic<std::int64_t> acknowledged_ = 0;
  std::atomic<std::int64_t> read_ = 0;
  std::jthread thread_;
};

}  // namespace tidemark::test
