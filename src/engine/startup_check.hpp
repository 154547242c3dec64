#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>

#include <tidemark/options.hpp>

#include "kafka/broker_queries.hpp"

namespace tidemark::engine {

/// Waits for the first contact with the cluster, and makes sure that what is to be read exists and that dead letters can be written. Blocks; for the background thread.
class StartupCheck {
 public:
  StartupCheck(const ConsumerOptions& options, rd_kafka_t* client) : options_{options}, queries_{client} {}

  /// Throws KafkaError, or what the dead-letter sink throws. Returns early when cancelled.
  void run();
  void cancel() { cancelled_ = true; }

  /// What librdkafka reported last, so that a failure can say why.
  void on_trouble(int code, const std::string& text);

 private:
  void contact();
  void check_topics();
  void check_dead_letters();
  std::int32_t partition_count(const std::string& topic);

  const ConsumerOptions& options_;
  kafka::BrokerQueries queries_;
  std::atomic<bool> cancelled_ = false;
  std::mutex mutex_;
  std::string trouble_;
};

}  // namespace tidemark::engine
