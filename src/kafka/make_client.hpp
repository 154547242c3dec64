#pragma once

#include <tidemark/options.hpp>

#include "core/redaction.hpp"
#include "kafka/handles.hpp"
#include "kafka/message_returns.hpp"

namespace tidemark::kafka {

/// A librdkafka consumer, to be destroyed by the caller. Throws ConfigError.
rd_kafka_t* make_client(const ConsumerOptions& options, const core::Redaction& redact, MessageReturns& returns);

}  // namespace tidemark::kafka
