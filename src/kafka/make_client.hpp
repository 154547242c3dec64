#pragma once

#include <tidemark/options.hpp>

#include "kafka/handles.hpp"
#include "kafka/message_returns.hpp"

namespace tidemark::kafka {

/// A librdkafka consumer, to be destroyed by the caller before the options are. Throws ConfigError.
rd_kafka_t* make_client(const ConsumerOptions& options, MessageReturns& returns);

}  // namespace tidemark::kafka
