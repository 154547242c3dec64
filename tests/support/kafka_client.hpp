#pragma once

#include <map>
#include <memory>
#include <string>

#include "kafka/handles.hpp"

namespace tidemark::test {

using ClientHandle = std::unique_ptr<rd_kafka_t, kafka::FreeWith<rd_kafka_destroy>>;

/// A librdkafka handle with these properties that logs nothing and reconnects fast. Takes the delivery callback where one is given.
ClientHandle make_client(rd_kafka_type_t type, const std::map<std::string, std::string>& properties,
                         void (*on_delivery)(rd_kafka_t*, const rd_kafka_message_t*, void*) = nullptr,
                         void* opaque = nullptr);

/// Throws std::runtime_error "what: why" unless `code` is success.
void check(rd_kafka_resp_err_t code, const std::string& what);

/// The same for the errors of librdkafka's newer functions; frees it.
void check(rd_kafka_error_t* error, const std::string& what);

}  // namespace tidemark::test
