#pragma once

#include <array>
#include <string>

#include "kafka/handles.hpp"

namespace tidemark::kafka {

/// A property as the client has it; empty where this librdkafka does not know it.
inline std::string client_property(rd_kafka_t* client, const char* name) {
  std::array<char, 512> value{};
  auto size = value.size();
  rd_kafka_conf_get(rd_kafka_conf(client), name, value.data(), &size);
  return value.data();
}

}  // namespace tidemark::kafka
