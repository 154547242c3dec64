#pragma once

#include <librdkafka/rdkafka.h>

#include "cluster/client.hpp"

namespace simulation {

Client::Starts starts_of(const rd_kafka_topic_partition_list_t* list);
Client::Partitions partitions_of(const rd_kafka_topic_partition_list_t* list);
rd_kafka_topic_partition_list_t* list_of(const Client::Partitions& partitions);

}  // namespace simulation
