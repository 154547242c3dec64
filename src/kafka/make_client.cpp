#include "kafka/make_client.hpp"

#include <array>
#include <mutex>
#include <utility>
#include <vector>

#include "kafka/config.hpp"
#include "kafka/oauth.hpp"

namespace tidemark::kafka {
namespace {

/// Before 2.13.0 (5240), librdkafka has freed the interceptors of a configuration when it refuses to make a client of it, and would free
/// them again with the configuration: so that is kept, where leak checkers see that it is.
void keep_for_good(ConfHandle conf) {
  static std::mutex mutex;
  static auto& kept = *new std::vector<ConfHandle>;
  const std::lock_guard lock{mutex};
  kept.push_back(std::move(conf));
}

}  // namespace

rd_kafka_t* make_client(const ConsumerOptions& options, MessageReturns& returns) {
  auto config = make_config(options);
  returns.listen(config.get());
  std::array<char, 512> error{};
  auto* client = rd_kafka_new(RD_KAFKA_CONSUMER, config.get(), error.data(), error.size());
  if (client == nullptr) {
    if (returns.is_listening() && rd_kafka_version() < 0x020d0000) keep_for_good(config.take());
    config.refuse(error.data());
  }
  config.release();  // NOLINT(bugprone-unused-return-value): the client owns it now
  try {
    config.verify(rd_kafka_conf(client));
    fetch_tokens(client, options.oauth_token);
  } catch (...) {
    rd_kafka_destroy(client);
    throw;
  }
  return client;
}

}  // namespace tidemark::kafka
