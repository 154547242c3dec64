#include "kafka/header_weight.hpp"

#include <cstring>

namespace tidemark::kafka {
namespace {

// Seldom enough to cost nothing, often enough to see a topic change before a batch is full.
constexpr std::size_t looked_at_of = 32;

// How far one look moves the mean.
constexpr std::size_t inertia = 4;

}  // namespace

std::size_t HeaderWeight::look_at(rd_kafka_message_t* message) {
  const auto found = header_bytes(message);
  each_ = has_looked_ ? (each_ * (inertia - 1) + found) / inertia : found;
  has_looked_ = true;
  countdown_ = looked_at_of - 1;
  return found;
}

std::size_t header_bytes(rd_kafka_message_t* message) {
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return 0;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  std::size_t bytes = 0;
  for (std::size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i)
    bytes += std::strlen(name) + size;
  return bytes;
}

}  // namespace tidemark::kafka
