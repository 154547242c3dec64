#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>

#include <librdkafka/rdkafka.h>

#include <tidemark/topic_partition.hpp>

#include "cluster/client.hpp"
#include "cluster/log.hpp"
#include "cluster/queue.hpp"

namespace simulation {

/// What a message carries: which record it is, whatever became of the topic.
struct Payload {
  std::int64_t offset = 0;
  int incarnation = 0;
};

/// How many of librdkafka's things there are that somebody has to free.
struct Handles {
  static inline long live = 0;
  /// Clients that were destroyed while the application held messages: librdkafka would wait for these for ever.
  static inline long stuck_clients = 0;
};

/// Which leads a partition.
inline std::int32_t broker_of(std::int32_t partition) { return partition % 2; }

rd_kafka_topic_t* make_topic(const std::string& name);
void release_topic(rd_kafka_topic_t* topic);
rd_kafka_message_t* make_message(const Toppar& toppar, const Entry& entry, int incarnation);
rd_kafka_message_t* make_error(const Toppar& toppar, rd_kafka_resp_err_t code, std::int64_t offset,
                               const std::string& text);
rd_kafka_event_t* make_rebalance(bool is_assignment, const std::set<tidemark::TopicPartition>& partitions);
rd_kafka_event_t* make_error_event(rd_kafka_resp_err_t code, bool is_fatal);

}  // namespace simulation

struct rd_kafka_topic_s {
  std::string name;
  int users = 1;
  long messages = 0;
};

struct rd_kafka_s : simulation::Client {
  using Client::Client;
};

struct rd_kafka_queue_s {
  std::shared_ptr<simulation::Queue> queue;
};

struct rd_kafka_error_s {
  rd_kafka_resp_err_t code;
};
