#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

#include <tidemark/dead_letters/kafka.hpp>
#include <tidemark/error.hpp>
#include <tidemark/micro_batch_consumer.hpp>
#include <tidemark/stores/kafka.hpp>

#include "engine/running.hpp"
#include "integration/kafka_fixture.hpp"

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;

namespace {

/// A broker that takes tokens that nobody signed, and passwords of SCRAM that nobody has.
KafkaServer& server() {
  static const std::string module = "org.apache.kafka.common.security.";
  static KafkaServer server{
      {{"listener.name.tokens.sasl.enabled.mechanisms", "OAUTHBEARER"},
       {"listener.name.tokens.oauthbearer.sasl.jaas.config",
        module + "oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub=\"admin\";"},
       {"listener.name.tokens.oauthbearer.connections.max.reauth.ms", "2000"},
       {"listener.name.scram.sasl.enabled.mechanisms", "SCRAM-SHA-256"},
       {"listener.name.scram.scram-sha-256.sasl.jaas.config", module + "scram.ScramLoginModule required;"}},
      KafkaServer::Tuning::brief,
      {{"TOKENS", "SASL_PLAINTEXT"}, {"SCRAM", "SASL_PLAINTEXT"}}};
  return server;
}

std::string base64(std::string_view text) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string encoded;
  unsigned bits = 0;
  int count = 0;
  for (const char c : text) {
    bits = bits << 8 | static_cast<unsigned char>(c);
    for (count += 8; count >= 6; count -= 6) encoded += digits[bits >> (count - 6) & 63];
  }
  if (count > 0) encoded += digits[bits << (6 - count) & 63];
  return encoded;
}

/// A JSON web token without a signature.
OAuthToken token_for(std::chrono::seconds life) {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const auto expires_at = now + life;
  const auto claims = fmt::format(R"({{"sub":"ada","iat":{},"exp":{}}})", now.time_since_epoch().count(),
                                  expires_at.time_since_epoch().count());
  return {base64(R"({"alg":"none"})") + "." + base64(claims) + ".", "ada", expires_at};
}

const std::map<std::string, std::string> bearer{{"security.protocol", "SASL_PLAINTEXT"},
                                                {"sasl.mechanisms", "OAUTHBEARER"}};

class Errors final : public Observer {
 public:
  void on_error(std::string_view text) noexcept override {
    const std::lock_guard lock{mutex_};
    texts_.emplace_back(text);
  }
  bool have(std::string_view part) const {
    const std::lock_guard lock{mutex_};
    return std::ranges::any_of(texts_, [&](const auto& text) { return text.find(part) != std::string::npos; });
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> texts_;
};

ConsumerOptions with_tokens(const KafkaFixture& kafka, OAuthTokenProvider provider) {
  auto options = kafka.options();
  options.brokers = server().brokers("TOKENS");
  options.kafka.insert(bearer.begin(), bearer.end());
  options.oauth_token = std::move(provider);
  return options;
}

}  // namespace

TEST_CASE("consumers, dead letters and catalogs log in by tokens, which are renewed", "[integration]") {
  KafkaFixture kafka{server().brokers(), 1};
  const auto dead = unique_name("dead");
  kafka.admin.create_topic(dead, 1);
  std::atomic<int> fetched = 0;
  const auto provider = [&] {
    ++fetched;
    return token_for(4s);
  };
  auto options = with_tokens(kafka, provider);
  options.dead_letters = std::make_shared<KafkaDeadLetters>(KafkaDeadLettersOptions{
      .brokers = server().brokers("TOKENS"), .topic = dead, .kafka = bearer, .oauth_token = provider});
  KafkaOffsetStore store{{.brokers = server().brokers("TOKENS"), .kafka = bearer, .oauth_token = provider}};
  MicroBatchConsumer<> consumer{options, store, [](const Batch<>& batch) {
                                  for (const auto& record : batch)
                                    if (record.value().text() == "bad") batch.reject(record, "bad");
                                }};
  Running running{consumer};
  // Before 2.3.0 librdkafka doesn't log in again on a live connection: the broker closes it, under whatever is being asked.
  const auto stored = [&]() -> std::int64_t {
    try {
      const auto offsets = store.list(kafka.group);
      return offsets.empty() ? 0 : offsets[0].next;
    } catch (const StoreError& error) {
      if (!error.is_retryable()) throw;
      return -1;
    }
  };
  kafka.producer.produce(kafka.topic, 0, std::nullopt, "bad");
  kafka.producer.flush();
  REQUIRE(eventually([&] { return stored() == 1; }, 30s));
  const int before = fetched;
  REQUIRE(eventually([&] { return fetched >= before + 6; }, 30s));  // three clients, each of them twice
  kafka.producer.produce(kafka.topic, 0, std::nullopt, "bad");
  kafka.producer.flush();
  CHECK(eventually([&] { return stored() == 2; }, 30s));
  running.stop();
  CHECK(kafka.admin.end_offset(dead, 0) == 2);
}

TEST_CASE("what a provider of tokens throws is told, and it is asked again", "[integration]") {
  KafkaFixture kafka{server().brokers(), 1};
  std::atomic<int> asked = 0;
  const auto errors = std::make_shared<Errors>();
  auto options = with_tokens(kafka, [&] {
    if (++asked == 1) throw std::runtime_error{"the identity provider is away"};
    return token_for(60s);
  });
  options.observer = errors;
  MicroBatchConsumer<> consumer{options, kafka.store, [](const Batch<>&) {}};
  Running running{consumer};
  kafka.producer.produce(kafka.topic, 0, std::nullopt, "x");
  kafka.producer.flush();
  CHECK(eventually([&] { return errors->have("oauth_token: the identity provider is away"); }, 30s));
  CHECK(eventually([&] { return kafka.stored() == 1; }, 30s));
  CHECK(asked >= 2);
  running.stop();
}

TEST_CASE("where librdkafka is why a login fails, the error says so", "[integration]") {
  KafkaFixture kafka{server().brokers(), 1};
  auto options = kafka.options();
  options.brokers = server().brokers("SCRAM");
  options.connect_timeout = 3s;
  options.kafka.insert({{"security.protocol", "Sasl_Plaintext"},
                        {"sasl.mechanisms", "SCRAM-SHA-256"},
                        {"sasl.username", "ada"},
                        {"sasl.password", "secret-of-ada"}});
  MicroBatchConsumer<> consumer{options, kafka.store, [](const Batch<>&) {}};
  std::string text;
  try {
    consumer.run();
  } catch (const KafkaError& error) {
    text = error.what();
  }
  INFO(text);
  CHECK_THAT(text, containing("uthentication"));
  CHECK((text.find("librdkafka before 2.6.1") != std::string::npos) == (rd_kafka_version() < 0x02060100));
  CHECK(text.find("secret-of-ada") == std::string::npos);
}
