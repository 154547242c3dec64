#include "kafka/asking_client.hpp"

#include <array>
#include <exception>
#include <utility>

#include "kafka/config.hpp"
#include "kafka/oauth.hpp"

namespace tidemark::kafka {

AskingClient::~AskingClient() {
  if (client_ != nullptr) rd_kafka_destroy(client_);
}

rd_kafka_t* AskingClient::handle() {
  if (std::exchange(is_tried_, true)) return client_;
  try {
    client_ = make();
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): the consumer's client does, only later
  }
  return client_;
}

rd_kafka_t* AskingClient::make() const {
  auto config = make_asking_config(options_);
  std::array<char, 512> error{};
  auto* client = rd_kafka_new(RD_KAFKA_PRODUCER, config.get(), error.data(), error.size());
  if (client == nullptr) config.refuse(error.data());
  config.release();  // NOLINT(bugprone-unused-return-value): the client owns it now
  try {
    fetch_tokens(client, options_.oauth_token);
  } catch (...) {
    rd_kafka_destroy(client);
    throw;
  }
  return client;
}

}  // namespace tidemark::kafka
