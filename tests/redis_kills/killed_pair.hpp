#pragma once

#include <iostream>
#include <memory>
#include <random>
#include <string>

#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/kafka_admin.hpp"
#include "support/kafka_server.hpp"
#include "support/process.hpp"
#include "support/redis_server.hpp"
#include "support/test_producer.hpp"
#include "support/unique_name.hpp"

namespace tidemark::test {

inline constexpr int killed_partitions = 4;

/// Records flow from Kafka into totals in Redis, while the server and the consumer are killed in turn.
class KilledPair {
 public:
  explicit KilledPair(int records) : records_{records} {
    KafkaAdmin{brokers_}.create_topic(topic_, killed_partitions);
    TestProducer producer{brokers_, {{"linger.ms", "5"}}};
    for (int i = 0; i < records; ++i) {
      producer.produce(topic_, i % killed_partitions, "key", std::to_string(i));
      if (i % 10'000 == 0) producer.flush();
    }
    producer.flush();
  }

  /// Kills each of the two `kills` times, each time after so many records more that all kills fit.
  void run(int kills) {
    start();
    std::uniform_int_distribution<std::int64_t> jitter{0, records_ / (2 * kills + 2) / 2};
    for (int i = 1; i <= 2 * kills; ++i) {
      const auto enough = std::int64_t{records_} * i / (2 * kills + 2) + jitter(random_);
      const auto is_due = [&] {
        return total("totals") >= enough && consumer_->output().find("opened the store") != std::string::npos;
      };
      const bool reached = eventually([&] { return is_due() || !consumer_->running(); }, std::chrono::seconds{90});
      INFO(consumer_->output());
      REQUIRE(reached);
      REQUIRE(consumer_->running());
      if (total("totals") < records_) ++(i % 2 ? server_hits : consumer_hits);
      if (i % 2) {
        server_.kill();
        server_.start();
      } else {
        consumer_->kill();
        start();
      }
    }
    const bool complete = eventually([&] { return total("totals") >= records_; }, std::chrono::seconds{120});
    INFO(consumer_->output());
    CHECK(complete);
    CHECK(consumer_->running());
    consumer_->kill();
    auto probe = server_.probe();
    std::string exact;
    for (int p = 0; p < killed_partitions; ++p)
      exact += (p ? " " : "") + std::to_string(p) + "=" + std::to_string(records_ / killed_partitions);
    CHECK(probe.hash("totals") == exact);
    CHECK(probe.hash("checked") == exact);
    CHECK(probe.hash("kafka:topic:" + topic_ + ":" + group_) == exact);
  }

  int server_hits = 0;  ///< Kills that met records still to come.
  int consumer_hits = 0;

 private:
  void start() {
    consumer_ = std::make_unique<Process>(
        Process::Options{.command = {TIDEMARK_REDIS_CONSUMER, brokers_, topic_, group_, server_.url()}});
  }
  std::int64_t total(const std::string& key) {
    try {
      const auto values = server_.probe()("HVALS", key);
      std::int64_t sum = 0;
      for (const auto& value : values.elements()) sum += value.integer();
      return sum;
    } catch (const std::exception&) {
      return 0;  // LOADING
    }
  }

  int records_;
  const std::string brokers_ = KafkaServer::shared().brokers();
  const std::string topic_ = unique_name("killed");
  const std::string group_ = unique_name("killed");
  RedisServer server_;
  std::mt19937 random_{std::random_device{}()};
  std::unique_ptr<Process> consumer_;
};

inline void kill_both(int records, int kills) {
  KilledPair pair{records};
  pair.run(kills);
  CHECK(pair.server_hits == kills);  // else the test proves too little
  CHECK(pair.consumer_hits == kills);
  std::cout << "redis-kills: " << pair.server_hits << " of redis-server, " << pair.consumer_hits << " of the consumer, "
            << records << " records" << std::endl;
}

}  // namespace tidemark::test
