#pragma once

#include <iostream>
#include <memory>
#include <random>
#include <string>

#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/kafka_admin.hpp"
#include "support/kafka_server.hpp"
#include "support/postgres_server.hpp"
#include "support/process.hpp"
#include "support/test_producer.hpp"
#include "support/unique_name.hpp"

namespace tidemark::test {

/// Records flow from Kafka into PostgreSQL, while the consumer is killed, its sessions are terminated, and the server is stopped at once.
class KilledConsumer {
 public:
  explicit KilledConsumer(int records) : records_{records} {
    probe(
        "create table seen(partition int, number bigint); create table counts(partition int primary key, records "
        "bigint)");
    KafkaAdmin{brokers_}.create_topic(topic_, partitions);
    TestProducer producer{brokers_, {{"linger.ms", "5"}}};
    for (int i = 0; i < records; ++i) {
      producer.produce(topic_, i % partitions, "key", std::to_string(i));
      if (i % 10'000 == 0) producer.flush();
    }
    producer.flush();
  }

  /// So many rounds; each kills the consumer, then terminates its sessions, and every `stop_each`th round stops the server.
  void run(int rounds, int stop_each) {
    start();
    std::uniform_int_distribution<int> jitter{0, records_ / (2 * rounds + 2) / 2};
    for (int hit = 1; hit <= 2 * rounds; ++hit) {
      const auto enough = std::int64_t{records_} * hit / (2 * rounds + 2) + jitter(random_);
      const bool reached =
          eventually([&] { return seen() >= enough || !consumer_->running(); }, std::chrono::seconds{90});
      INFO(consumer_->output());
      REQUIRE(reached);
      REQUIRE(consumer_->running());
      const bool is_midway = seen() < records_;
      if (hit % 2) {
        consumer_->kill();
        start();
        consumer_hits += is_midway;
      } else if (hit / 2 % stop_each == 0) {
        server_.stop_immediately();
        server_.start();
        server_hits += is_midway;
      } else {
        server_.disconnect_all();
        session_hits += is_midway;
      }
    }
    const bool complete = eventually([&] { return seen() >= records_; }, std::chrono::seconds{120});
    INFO(consumer_->output());
    CHECK(complete);
    CHECK(consumer_->running());
    consumer_->kill();
    const auto all = std::to_string(records_);
    const auto each = std::to_string(records_ / partitions);
    CHECK(probe("select count(*), count(distinct number), min(number), max(number) from seen") ==
          all + "|" + all + "|0|" + std::to_string(records_ - 1));
    CHECK(probe("select count(*), min(records), max(records) from counts") == "4|" + each + "|" + each);
    CHECK(probe("select count(*), min(next_offset), max(next_offset) from tidemark_offsets") ==
          "4|" + each + "|" + each);
    std::cout << "postgres-kills: " << consumer_hits << " of the consumer, " << session_hits << " of sessions, "
              << server_hits << " of the server, " << records_ << " records" << std::endl;
  }

  int consumer_hits = 0;  ///< Hits that met records still to come.
  int session_hits = 0;
  int server_hits = 0;

 private:
  static constexpr int partitions = 4;

  void start() {
    consumer_ = std::make_unique<Process>(
        Process::Options{.command = {TIDEMARK_POSTGRES_CONSUMER, brokers_, topic_, unique_group_, server_.connection()},
                         .environment = {},
                         .working_folder = {},
                         .output_file = {}});
  }
  std::string probe(const std::string& sql) { return server_.probe()(sql); }
  std::int64_t seen() {
    try {
      return std::stoll(probe("select coalesce(sum(records), 0) from counts"));
    } catch (const std::runtime_error&) {
      return 0;  // the server is starting
    }
  }

  int records_;
  const std::string brokers_ = KafkaServer::shared().brokers();
  const std::string topic_ = unique_name("killed");
  const std::string unique_group_ = unique_name("killed");
  PostgresServer server_;
  std::mt19937 random_{std::random_device{}()};
  std::unique_ptr<Process> consumer_;
};

}  // namespace tidemark::test
