#include "kafka/oauth.hpp"

#include <map>
#include <string>

#include <tidemark/dead_letters/kafka.hpp>
#include <tidemark/error.hpp>
#include <tidemark/stores/kafka.hpp>

#include "kafka/config.hpp"
#include "support/catch.hpp"

using namespace tidemark;
using namespace std::chrono_literals;
using test::containing;

namespace {

using Properties = std::map<std::string, std::string>;

const Properties fetching{{"sasl.oauthbearer.method", "oidc"}};
const Properties bearer{{"security.protocol", "SASL_PLAINTEXT"}, {"sasl.mechanism", "OAUTHBEARER"}};

OAuthToken token() { return {"abc", "ada", std::chrono::system_clock::now() + 1h}; }

template <class Make>
std::string refusal_of(const Make& make) {
  try {
    make();
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "accepted";
}

Properties operator+(Properties properties, const Properties& more) {
  properties.insert(more.begin(), more.end());
  return properties;
}

std::string refusal(const Properties& properties, const OAuthTokenProvider& provider) {
  return refusal_of([&] {
    kafka::make_config({.brokers = "localhost:9092",
                        .group = "billing",
                        .topics = {"orders"},
                        .kafka = properties,
                        .oauth_token = provider});
  });
}

/// Debian 12 builds librdkafka without it.
bool can_fetch() { return refusal(fetching, {}) == "accepted"; }

}  // namespace

TEST_CASE("tokens come from a provider, or from librdkafka itself", "[unit]") {
  CHECK(refusal(bearer, token) == "accepted");
  if (can_fetch()) CHECK(refusal(bearer + fetching, {}) == "accepted");
  CHECK(refusal({}, {}) == "accepted");
}

TEST_CASE("a provider of tokens that nobody asks for is refused", "[unit]") {
  CHECK_THAT(refusal({}, token), containing("nothing asks for tokens"));
  CHECK_THAT(refusal({{"sasl.mechanisms", "OAUTHBEARER"}}, token), containing("\"security.protocol\""));
  if (can_fetch()) CHECK_THAT(refusal(bearer + fetching, token), containing("give one of them"));
}

TEST_CASE("tokens that nobody fetches are refused", "[unit]") {
  CHECK_THAT(refusal(bearer, {}), containing("set oauth_token"));
  CHECK_THAT(refusal_of([] { KafkaDeadLetters{{.brokers = "localhost:9092", .topic = "dead", .kafka = bearer}}; }),
             containing("set oauth_token"));
  CHECK_THAT(refusal_of([] { KafkaOffsetStore{{.brokers = "localhost:9092", .kafka = bearer}}; }),
             containing("set oauth_token"));
}

TEST_CASE("made-up tokens are refused where they would crash the process", "[unit]") {
  const auto text = refusal(bearer + Properties{{"enable.sasl.oauthbearer.unsecure.jwt", "T"}}, {});
  if (rd_kafka_version() < 0x02030000)
    CHECK_THAT(text, containing("crashes this process"));
  else
    CHECK(text == "accepted");
}
