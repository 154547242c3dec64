#pragma once

#include <librdkafka/rdkafka.h>

#include <array>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

/// How a std::unique_ptr gives back what librdkafka made.
template <auto destroy>
struct Destroy {
  void operator()(auto* resource) const { destroy(resource); }
};
using Topic = std::unique_ptr<rd_kafka_topic_t, Destroy<rd_kafka_topic_destroy>>;

/// librdkafka's producer, which also is what it administers topics through. Records keep their order and arrive once.
///
/// Errors: std::runtime_error.
class KafkaClient {
 public:
  explicit KafkaClient(const std::string& brokers) {
    auto* conf = rd_kafka_conf_new();
    set(conf, "bootstrap.servers", brokers);
    set(conf, "enable.idempotence", "true");
    set(conf, "partitioner", "murmur2_random");  // as Kafka's own producer
    set(conf, "message.timeout.ms", "60000");
    set(conf, "delivery.report.only.error", "true");
    rd_kafka_conf_set_opaque(conf, this);
    rd_kafka_conf_set_dr_msg_cb(conf, [](rd_kafka_t*, const rd_kafka_message_t* message, void* self) {
      static_cast<KafkaClient*>(self)->lost_ = message->err;
    });
    std::array<char, 256> why{};
    handle_.reset(rd_kafka_new(RD_KAFKA_PRODUCER, conf, why.data(), why.size()));
    if (handle_) return;
    rd_kafka_conf_destroy(conf);
    throw std::runtime_error{why.data()};
  }
  KafkaClient(const KafkaClient&) = delete;
  KafkaClient& operator=(const KafkaClient&) = delete;

  rd_kafka_t* handle() const { return handle_.get(); }

  Topic topic(const std::string& name) const { return Topic{rd_kafka_topic_new(handle(), name.c_str(), nullptr)}; }

  void produce(const Topic& topic, std::string_view key, const std::string& value) {
    while (rd_kafka_produce(topic.get(), RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, const_cast<char*>(value.data()),
                            value.size(), key.data(), key.size(), nullptr) != 0) {
      if (rd_kafka_last_error() != RD_KAFKA_RESP_ERR__QUEUE_FULL)
        throw std::runtime_error{rd_kafka_err2str(rd_kafka_last_error())};
      rd_kafka_poll(handle(), 10);
    }
    rd_kafka_poll(handle(), 0);
  }

  /// Returns when everything has arrived.
  void flush() {
    auto error = rd_kafka_flush(handle(), 70'000);
    if (!error) error = lost_;
    if (error) throw std::runtime_error{std::string{"not all records reached Kafka: "} + rd_kafka_err2str(error)};
  }

 private:
  static void set(rd_kafka_conf_t* conf, const char* name, const std::string& value) {
    std::array<char, 256> why{};
    if (rd_kafka_conf_set(conf, name, value.c_str(), why.data(), why.size()) == RD_KAFKA_CONF_OK) return;
    rd_kafka_conf_destroy(conf);
    throw std::runtime_error{why.data()};
  }

  rd_kafka_resp_err_t lost_ = RD_KAFKA_RESP_ERR_NO_ERROR;
  std::unique_ptr<rd_kafka_t, Destroy<rd_kafka_destroy>> handle_;  // last, as its callback uses the rest
};
