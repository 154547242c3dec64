#include "filler.hpp"

#include <array>
#include <stdexcept>

#include <librdkafka/rdkafka.h>

namespace tidemark::bench {

Filler::Filler(const std::string& brokers, const std::string& topic,
               const std::map<std::string, std::string>& properties) {
  std::array<char, 512> error{};
  auto* conf = rd_kafka_conf_new();
  rd_kafka_conf_set(conf, "bootstrap.servers", brokers.c_str(), nullptr, 0);
  for (const auto& [name, value] : properties)
    if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), error.data(), error.size()) != RD_KAFKA_CONF_OK)
      throw std::runtime_error{error.data()};
  client_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error.data(), error.size());
  if (client_ == nullptr) throw std::runtime_error{error.data()};
  topic_ = rd_kafka_topic_new(client_, topic.c_str(), nullptr);
}

Filler::~Filler() {
  rd_kafka_topic_destroy(topic_);
  rd_kafka_destroy(client_);
}

void Filler::produce(std::int32_t partition, std::uint64_t key, std::string_view value) {
  while (rd_kafka_produce(topic_, partition, RD_KAFKA_MSG_F_COPY, const_cast<char*>(value.data()), value.size(), &key,
                          sizeof key, nullptr) != 0) {
    if (rd_kafka_last_error() != RD_KAFKA_RESP_ERR__QUEUE_FULL)
      throw std::runtime_error{rd_kafka_err2str(rd_kafka_last_error())};
    rd_kafka_poll(client_, 10);
  }
}

void Filler::flush() {
  if (rd_kafka_flush(client_, 120'000) != RD_KAFKA_RESP_ERR_NO_ERROR)
    throw std::runtime_error{"the topic could not be filled"};
}

}  // namespace tidemark::bench
