#include "kafka/broker_waker.hpp"

#include "kafka/client_config.hpp"

namespace tidemark::kafka {
namespace {

bool uses_sasl(const rd_kafka_conf_t* conf) { return property(conf, "security.protocol").starts_with("sasl"); }

}  // namespace

BrokerWaker::BrokerWaker(rd_kafka_t* client)
    : client_{client},
      username_{property(rd_kafka_conf(client), "sasl.username")},
      password_{property(rd_kafka_conf(client), "sasl.password")},
      can_wake_{!uses_sasl(rd_kafka_conf(client)) || (!username_.empty() && !password_.empty())} {}

void BrokerWaker::wake() const {
  if (!can_wake_) return;
  // Empty without SASL: then nobody reads them.
  const ErrorHandle ignored{rd_kafka_sasl_set_credentials(client_, username_.c_str(), password_.c_str())};
}

}  // namespace tidemark::kafka
