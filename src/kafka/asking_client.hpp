#pragma once

#include <tidemark/options.hpp>

#include "kafka/handles.hpp"

namespace tidemark::kafka {

/// A second client for questions to the brokers, made when it is first needed. On the consumer's own connections a question waits behind the
/// fetch that is under way, which an idle consumer leaves with the broker for `fetch.wait.max.ms`: half a second for each question.
///
/// It is a producer that writes nothing, since a consumer would look for a coordinator. It costs two threads, one more for each broker, and
/// connections to the brokers that are asked.
///
/// Thread safety: shared objects unsafe.
class AskingClient {
 public:
  /// The options must outlive this object.
  explicit AskingClient(const ConsumerOptions& options) : options_{options} {}
  ~AskingClient();

  AskingClient(const AskingClient&) = delete;
  AskingClient& operator=(const AskingClient&) = delete;

  /// nullptr where none can be made. Whoever asks then has to use the consumer itself.
  rd_kafka_t* handle();

 private:
  rd_kafka_t* make() const;

  const ConsumerOptions& options_;
  rd_kafka_t* client_ = nullptr;
  bool is_tried_ = false;
};

}  // namespace tidemark::kafka
