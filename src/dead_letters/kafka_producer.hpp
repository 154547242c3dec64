#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <string_view>

#include <tidemark/dead_letters/kafka.hpp>
#include <tidemark/error.hpp>

#include "core/redaction.hpp"
#include "kafka/handles.hpp"

namespace tidemark::kafka {

/// An idempotent producer that waits until what it was given is acknowledged. Connects at the first write.
///
/// Thread safety: distinct objects safe; shared objects unsafe.
class DeadLetterProducer {
 public:
  explicit DeadLetterProducer(KafkaDeadLettersOptions options);

  void write(std::span<const DeadLetter> letters);

 private:
  /// What is under way of one write().
  struct Pending {
    std::size_t unanswered = 0;
    rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;  // the first
  };

  void connect();
  rd_kafka_resp_err_t produce(const DeadLetter& letter);
  void hear(std::chrono::milliseconds timeout, Pending& pending);
  [[noreturn]] void fail(rd_kafka_resp_err_t code);

  KafkaDeadLettersOptions options_;
  core::Redaction redact_;
  ConfHandle conf_;
  ClientHandle client_;
  QueueHandle queue_;
};

}  // namespace tidemark::kafka
