#include "support/kafka_client.hpp"

#include <array>
#include <stdexcept>

namespace tidemark::test {

ClientHandle make_client(rd_kafka_type_t type, const std::map<std::string, std::string>& properties,
                         void (*on_delivery)(rd_kafka_t*, const rd_kafka_message_t*, void*), void* opaque) {
  std::array<char, 512> error{};
  kafka::ConfHandle conf{rd_kafka_conf_new()};
  auto all = properties;
  all.emplace("reconnect.backoff.ms", "20");
  all.emplace("reconnect.backoff.max.ms", "200");
  for (const auto& [name, value] : all) {
    if (rd_kafka_conf_set(conf.get(), name.c_str(), value.c_str(), error.data(), error.size()) != RD_KAFKA_CONF_OK) {
      throw std::invalid_argument{error.data()};
    }
  }
  rd_kafka_conf_set_log_cb(conf.get(), nullptr);
  // Without a callback librdkafka writes connection errors to stderr.
  rd_kafka_conf_set_error_cb(conf.get(), [](rd_kafka_t*, int, const char*, void*) {});
  if (on_delivery != nullptr) rd_kafka_conf_set_dr_msg_cb(conf.get(), on_delivery);
  rd_kafka_conf_set_opaque(conf.get(), opaque);
  ClientHandle client{rd_kafka_new(type, conf.get(), error.data(), error.size())};
  if (!client) throw std::runtime_error{error.data()};
  static_cast<void>(conf.release());  // the client owns it now
  return client;
}

void check(rd_kafka_resp_err_t code, const std::string& what) {
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) throw std::runtime_error{what + ": " + rd_kafka_err2str(code)};
}

void check(rd_kafka_error_t* error, const std::string& what) {
  const kafka::ErrorHandle owned{error};
  if (owned) throw std::runtime_error{what + ": " + rd_kafka_error_string(owned.get())};
}

}  // namespace tidemark::test
