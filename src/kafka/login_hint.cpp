#include "kafka/login_hint.hpp"

#include "kafka/client_config.hpp"

namespace tidemark::kafka {

std::string_view login_hint(const rd_kafka_conf_t* conf, rd_kafka_resp_err_t code) {
  if (code != RD_KAFKA_RESP_ERR__AUTHENTICATION && code != RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED) return {};
  // It sends its nonce twice (librdkafka 4895), which Kafka 4 takes for a wrong password.
  if (rd_kafka_version() < 0x02060100 && property(conf, "sasl.mechanisms").starts_with("SCRAM-"))
    return "; librdkafka before 2.6.1, which is loaded, can't log in to Kafka 4 by SCRAM, whatever the password: use a "
           "newer librdkafka, or another mechanism";
  return {};
}

}  // namespace tidemark::kafka
