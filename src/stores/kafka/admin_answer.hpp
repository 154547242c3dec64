#pragma once

#include <librdkafka/rdkafka.h>

namespace tidemark::kafka {

/// What the answer to a request about one group's offsets says of each partition; nullptr where it is an error as a whole.
const rd_kafka_topic_partition_list_t* partitions_in(rd_kafka_event_t& answer);

/// Whether the same request will be answered a little later: a new coordinator takes a while to read what its groups have stored,
/// and a transaction that moves the group's offsets may be about to end. A consumer's requests wait by themselves, an administrator's do not.
bool is_answered_later(rd_kafka_event_t& answer);

}  // namespace tidemark::kafka
