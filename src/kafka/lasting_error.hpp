#pragma once

#include <optional>
#include <string>

#include "kafka/handles.hpp"

namespace tidemark::kafka {

/// What to do about an error that lasts until somebody changes a right, a property or another member. librdkafka reports such an error and repeats
/// its request for ever, so the consumer has to end. nullopt where the error may pass by waiting.
std::optional<std::string> remedy_of(rd_kafka_resp_err_t code, const rd_kafka_conf_t* conf);

}  // namespace tidemark::kafka
