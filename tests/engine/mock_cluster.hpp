#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

namespace tidemark::test {

/// librdkafka's mock cluster as it is, for what the embedded broker does not do: brokers that go down, topics that do not exist.
class MockCluster {
 public:
  explicit MockCluster(int broker_count = 1)
      : client_{make_client()}, cluster_{rd_kafka_mock_cluster_new(client_.get(), broker_count)} {}

  std::string brokers() const { return rd_kafka_mock_cluster_bootstraps(cluster_.get()); }

  /// Of one broker, 1 and on.
  std::string address(int broker) const {
    auto all = brokers();
    for (int i = 1; i < broker; ++i) all.erase(0, all.find(',') + 1);
    return all.substr(0, all.find(','));
  }

  /// A partition's leader, and a group's coordinator, from now on.
  void set_leader(const std::string& topic, int partition, int broker) {
    rd_kafka_mock_partition_set_leader(cluster_.get(), topic.c_str(), partition, broker);
  }
  void set_coordinator(const std::string& group, int broker) {
    rd_kafka_mock_coordinator_set(cluster_.get(), "group", group.c_str(), broker);
  }

  void create_topic(const std::string& name, int partitions) {
    rd_kafka_mock_topic_create(cluster_.get(), name.c_str(), partitions, 1);
  }

  /// Returns when so many records have arrived.
  void produce(const std::string& topic, std::int32_t partition, int count) {
    char why[256];
    auto* conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "bootstrap.servers", brokers().c_str(), why, sizeof why);
    const std::unique_ptr<rd_kafka_t, FreeClient> producer{rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why)};
    if (!producer) throw std::runtime_error{why};
    for (int i = 0; i < count; ++i)
      rd_kafka_producev(producer.get(), RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(partition),
                        RD_KAFKA_V_END);
    if (rd_kafka_flush(producer.get(), 30'000) != RD_KAFKA_RESP_ERR_NO_ERROR)
      throw std::runtime_error{"the records do not arrive"};
  }

  /// As if there were no such topic, until told otherwise.
  void hide_topic(const std::string& name, bool hidden) {
    rd_kafka_mock_topic_set_error(cluster_.get(), name.c_str(),
                                  hidden ? RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART : RD_KAFKA_RESP_ERR_NO_ERROR);
  }

  /// As if the partition's broker were gone and nobody else could lead it, until told otherwise.
  void take_leader(const std::string& topic, int partition, bool taken) {
    rd_kafka_mock_partition_set_leader(cluster_.get(), topic.c_str(), partition, taken ? -1 : 1);
  }

  /// The next so many questions for offsets are answered with this error.
  void refuse_offsets(rd_kafka_resp_err_t code, int times) {
    constexpr std::int16_t list_offsets = 2;
    for (int i = 0; i < times; ++i) rd_kafka_mock_push_request_errors(cluster_.get(), list_offsets, 1, code);
  }

  /// The next so many fetches are answered with this, for every partition.
  void fail_fetches(rd_kafka_resp_err_t code, int count) {
    constexpr std::int16_t fetch = 1;
    for (int i = 0; i < count; ++i) rd_kafka_mock_push_request_errors(cluster_.get(), fetch, 1, code);
  }

  /// The next so many requests to join a group are refused with this.
  void refuse_joins(rd_kafka_resp_err_t code, int count) {
    constexpr std::int16_t join_group = 11;
    for (int i = 0; i < count; ++i) rd_kafka_mock_push_request_errors(cluster_.get(), join_group, 1, code);
  }

  /// Each answer takes so long.
  void set_round_trip(std::chrono::milliseconds time) {
    rd_kafka_mock_broker_set_rtt(cluster_.get(), 1, static_cast<int>(time.count()));
  }

  void set_down(bool down, int broker = 1) {
    if (down)
      rd_kafka_mock_broker_set_down(cluster_.get(), broker);
    else
      rd_kafka_mock_broker_set_up(cluster_.get(), broker);
  }

 private:
  struct FreeClient {
    void operator()(rd_kafka_t* client) const { rd_kafka_destroy(client); }
  };
  struct FreeCluster {
    void operator()(rd_kafka_mock_cluster_t* cluster) const { rd_kafka_mock_cluster_destroy(cluster); }
  };

  static rd_kafka_t* make_client() {
    char why[256];
    auto* conf = rd_kafka_conf_new();
    rd_kafka_conf_set_log_cb(conf, nullptr);
    auto* client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
    if (client == nullptr) throw std::runtime_error{why};
    return client;
  }

  std::unique_ptr<rd_kafka_t, FreeClient> client_;
  std::unique_ptr<rd_kafka_mock_cluster_t, FreeCluster> cluster_;
};

}  // namespace tidemark::test
