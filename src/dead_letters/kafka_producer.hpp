#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <string>

#include <tidemark/dead_letters/kafka.hpp>
#include <tidemark/error.hpp>

#include "kafka/client_config.hpp"
#include "kafka/handles.hpp"
#include "kafka/trouble.hpp"

namespace tidemark::kafka {

/// An idempotent producer that waits until what it was given is acknowledged. Connects at the first write.
///
/// Thread safety: distinct objects safe; shared objects unsafe.
class DeadLetterProducer {
 public:
  explicit DeadLetterProducer(KafkaDeadLettersOptions options);

  void write(std::span<const DeadLetter> letters);
  /// Looks the topic up. Throws StoreError.
  void check();

 private:
  /// What is under way of one write().
  struct Pending {
    std::size_t unanswered = 0;
    rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;  // the first
  };

  void connect();
  rd_kafka_resp_err_t produce(const DeadLetter& letter);
  void hear(std::chrono::milliseconds timeout, Pending& pending);
  rd_kafka_resp_err_t look_up(rd_kafka_topic_t& topic, std::chrono::milliseconds timeout);
  [[noreturn]] void fail(rd_kafka_resp_err_t code);
  [[noreturn]] void fail_check(rd_kafka_resp_err_t code);
  std::string text_of(rd_kafka_resp_err_t code) const;

  KafkaDeadLettersOptions options_;
  ClientConfig config_;
  ClientHandle client_;
  QueueHandle queue_;
  Trouble trouble_;
};

}  // namespace tidemark::kafka
