#include "kafka/message_source.hpp"

namespace tidemark::kafka {
namespace {

/// Parsed at the first call and kept in the message by librdkafka; nullptr where there are none.
rd_kafka_headers_t* headers_of(const void* origin) {
  rd_kafka_headers_t* headers = nullptr;
  return rd_kafka_message_headers(message_of(origin), &headers) == RD_KAFKA_RESP_ERR_NO_ERROR ? headers : nullptr;
}

}  // namespace

std::int64_t MessageSource::timestamp_ms(const void* origin) const {
  rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  const auto ms = rd_kafka_message_timestamp(message_of(origin), &type);
  return type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? -1 : ms;
}

std::size_t MessageSource::header_count(const void* origin) const {
  auto* headers = headers_of(origin);
  return headers ? rd_kafka_header_cnt(headers) : 0;
}

detail::RecordHeader MessageSource::header(const void* origin, std::size_t index) const {
  const char* name = "";
  const void* value = nullptr;
  std::size_t size = 0;
  if (auto* headers = headers_of(origin)) rd_kafka_header_get_all(headers, index, &name, &value, &size);
  return {name, Bytes{static_cast<const char*>(value), size}};
}

}  // namespace tidemark::kafka
