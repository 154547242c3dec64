#include "kafka/fetch_waker.hpp"

#include "kafka/config.hpp"

namespace tidemark::kafka {
namespace {

constexpr std::chrono::milliseconds least_interval{2};

std::string property(const ConsumerOptions& options, const std::string& name) {
  const auto found = options.kafka.find(name);
  return found == options.kafka.end() ? std::string{} : found->second;
}

bool uses_sasl(const ConsumerOptions& options) {
  const auto protocol = property(options, "security.protocol");
  return protocol.starts_with("sasl") || protocol.starts_with("SASL");
}

}  // namespace

FetchWaker::FetchWaker(rd_kafka_t* client, const ConsumerOptions& options)
    : client_{client}, username_{property(options, "sasl.username")}, password_{property(options, "sasl.password")} {
  needed_ = !has_fetch_backoff() && (!uses_sasl(options) || (!username_.empty() && !password_.empty()));
}

void FetchWaker::on_read(TimePoint now) {
  read_since_ = true;
  if (needed_ && now - last_ >= least_interval) wake(now);
}

void FetchWaker::before_wait(TimePoint now) {
  if (needed_ && read_since_) wake(now);
}

void FetchWaker::wake(TimePoint now) {
  last_ = now;
  read_since_ = false;
  // Empty without SASL: then nobody reads them.
  const ErrorHandle ignored{rd_kafka_sasl_set_credentials(client_, username_.c_str(), password_.c_str())};
}

}  // namespace tidemark::kafka
