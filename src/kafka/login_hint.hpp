#pragma once

#include <string_view>

#include "kafka/handles.hpp"

namespace tidemark::kafka {

/// What to add to an error: where librdkafka itself is known to be why such a client can't log in. Empty where it is not.
std::string_view login_hint(const rd_kafka_conf_t* conf, rd_kafka_resp_err_t code);

}  // namespace tidemark::kafka
