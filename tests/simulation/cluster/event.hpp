#pragma once

#include <string>

#include <librdkafka/rdkafka.h>

namespace simulation {

/// What librdkafka's main queue carries.
struct KafkaEvent {
  int type = RD_KAFKA_EVENT_NONE;
  rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
  std::string text;
  rd_kafka_topic_partition_list_t* partitions = nullptr;
  bool is_fatal = false;
};

}  // namespace simulation

struct rd_kafka_op_s : simulation::KafkaEvent {};
