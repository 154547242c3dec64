#include "kafka/broker_waker.hpp"

namespace tidemark::kafka {
namespace {

std::string property(const ConsumerOptions& options, const std::string& name) {
  const auto found = options.kafka.find(name);
  return found == options.kafka.end() ? std::string{} : found->second;
}

bool uses_sasl(const ConsumerOptions& options) {
  const auto protocol = property(options, "security.protocol");
  return protocol.starts_with("sasl") || protocol.starts_with("SASL");
}

}  // namespace

BrokerWaker::BrokerWaker(rd_kafka_t* client, const ConsumerOptions& options)
    : client_{client},
      username_{property(options, "sasl.username")},
      password_{property(options, "sasl.password")},
      can_wake_{!uses_sasl(options) || (!username_.empty() && !password_.empty())} {}

void BrokerWaker::wake() const {
  if (!can_wake_) return;
  // Empty without SASL: then nobody reads them.
  const ErrorHandle ignored{rd_kafka_sasl_set_credentials(client_, username_.c_str(), password_.c_str())};
}

}  // namespace tidemark::kafka
