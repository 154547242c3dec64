#include "topic_filler.hpp"

#include <array>
#include <cstring>
#include <stdexcept>
#include <string>

#include <librdkafka/rdkafka.h>

#include "support/kafka_admin.hpp"

namespace tidemark::bench {
namespace {

class Filler {
 public:
  Filler(const std::string& brokers, const std::string& topic, const std::string& compression) {
    auto* conf = rd_kafka_conf_new();
    for (const auto& [name, value] : {std::pair<const char*, std::string>{"bootstrap.servers", brokers},
                                      {"compression.codec", compression},
                                      {"linger.ms", "20"},
                                      {"batch.num.messages", "20000"},
                                      {"queue.buffering.max.messages", "200000"}})
      rd_kafka_conf_set(conf, name, value.c_str(), nullptr, 0);
    std::array<char, 512> error{};
    client_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error.data(), error.size());
    if (client_ == nullptr) throw std::runtime_error{error.data()};
    topic_ = rd_kafka_topic_new(client_, topic.c_str(), nullptr);
  }
  ~Filler() {
    rd_kafka_topic_destroy(topic_);
    rd_kafka_destroy(client_);
  }
  Filler(const Filler&) = delete;
  Filler& operator=(const Filler&) = delete;

  void produce(std::int32_t partition, std::uint64_t key, const std::string& value) {
    while (rd_kafka_produce(topic_, partition, RD_KAFKA_MSG_F_COPY, const_cast<char*>(value.data()), value.size(), &key,
                            sizeof key, nullptr) != 0) {
      if (rd_kafka_last_error() != RD_KAFKA_RESP_ERR__QUEUE_FULL)
        throw std::runtime_error{rd_kafka_err2str(rd_kafka_last_error())};
      rd_kafka_poll(client_, 10);
    }
  }

  void flush() {
    if (rd_kafka_flush(client_, 60'000) != RD_KAFKA_RESP_ERR_NO_ERROR)
      throw std::runtime_error{"the topic could not be filled"};
  }

 private:
  rd_kafka_t* client_ = nullptr;
  rd_kafka_topic_t* topic_ = nullptr;
};

}  // namespace

void fill_topic(const std::string& brokers, const Filling& filling) {
  test::KafkaAdmin{brokers}.create_topic(filling.topic, filling.partitions);
  Filler filler{brokers, filling.topic, filling.compression};
  std::string value(filling.value_bytes, 'x');
  for (std::uint64_t i = 0; i < filling.records; ++i) {
    std::memcpy(value.data(), &i, std::min(sizeof i, value.size()));  // not all the same, for the sake of compression
    filler.produce(static_cast<std::int32_t>(i % static_cast<std::uint64_t>(filling.partitions)), i, value);
  }
  filler.flush();
}

}  // namespace tidemark::bench
