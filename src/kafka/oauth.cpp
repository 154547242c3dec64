#include "kafka/oauth.hpp"

#include <array>
#include <chrono>
#include <exception>
#include <vector>

#include <fmt/format.h>

#include <tidemark/error.hpp>

#include "core/cut_text.hpp"

namespace tidemark::kafka {
namespace {

/// Hands the token to librdkafka. Throws what the provider throws, and Error.
void set_token(rd_kafka_t* client, const OAuthTokenProvider& provider) {
  const auto token = provider();
  std::vector<const char*> extensions;
  for (const auto& [name, value] : token.extensions) extensions.insert(extensions.end(), {name.c_str(), value.c_str()});
  const auto expires =
      std::chrono::duration_cast<std::chrono::milliseconds>(token.expires_at.time_since_epoch()).count();
  std::array<char, 512> why{};
  if (rd_kafka_oauthbearer_set_token(client, token.value.c_str(), expires, token.principal.c_str(), extensions.data(),
                                     extensions.size(), why.data(), why.size()) != RD_KAFKA_RESP_ERR_NO_ERROR)
    throw Error{fmt::format("librdkafka refuses the token: {}", why.data())};
}

/// Called by librdkafka, which is C: so nothing may be thrown. After a failure it tells of an error and asks again 10 s later.
void refresh(rd_kafka_t* client, const char*, void* provider) noexcept {
  const auto fail = [client](std::string_view why) {
    const auto text = "oauth_token: " + core::cut_text(why);
    rd_kafka_oauthbearer_set_token_failure(client, text.c_str());
  };
  try {
    set_token(client, *static_cast<const OAuthTokenProvider*>(provider));
  } catch (const std::exception& error) {
    fail(error.what());
  } catch (...) {
    fail("an exception that is not a std::exception");
  }
}

}  // namespace

void set_token_provider(ClientConfig& config, const OAuthTokenProvider& provider) {
  const auto* conf = config.get();
  // librdkafka compares it with case, and has all SASL off unless the protocol says so.
  const bool uses_tokens =
      property(conf, "sasl.mechanisms") == "OAUTHBEARER" && property(conf, "security.protocol").starts_with("sasl");
  const auto metadata = property(conf, "sasl.oauthbearer.metadata.authentication.type");  // empty before 2.13
  const bool fetches_by_itself =
      property(conf, "sasl.oauthbearer.method") == "oidc" || (!metadata.empty() && metadata != "none");
  const bool makes_them_up = property(conf, "enable.sasl.oauthbearer.unsecure.jwt") == "true";
  if (provider) {
    if (!uses_tokens)
      config.refuse(
          R"(oauth_token is given, but nothing asks for tokens; set "security.protocol" to "sasl_ssl" and "sasl.mechanisms" to "OAUTHBEARER")");
    if (fetches_by_itself || makes_them_up)
      config.refuse(
          R"(oauth_token is given, and "sasl.oauthbearer.method" or "enable.sasl.oauthbearer.unsecure.jwt" is too; give one of them)");
    rd_kafka_conf_set_opaque(config.get(), const_cast<OAuthTokenProvider*>(&provider));
    rd_kafka_conf_set_oauthbearer_token_refresh_cb(config.get(), refresh);
    // A queue of its own, which a thread of librdkafka's serves: a provider that blocks holds up nothing else.
    rd_kafka_conf_enable_sasl_queue(config.get(), 1);
    return;
  }
  if (!uses_tokens) return;
  if (makes_them_up && rd_kafka_version() < 0x02030000)
    config.refuse(
        R"("enable.sasl.oauthbearer.unsecure.jwt" crashes this process when the first token is renewed (mended in librdkafka 2.3.0); set oauth_token, or use a newer librdkafka)");
  if (!makes_them_up && !fetches_by_itself)
    config.refuse(
        R"("sasl.mechanisms" is OAUTHBEARER, but nothing fetches tokens; set oauth_token, or "sasl.oauthbearer.method" to "oidc")");
}

void fetch_tokens(rd_kafka_t* client, const OAuthTokenProvider& provider) {
  if (!provider) return;
  if (const ErrorHandle error{rd_kafka_sasl_background_callbacks_enable(client)})
    throw ConfigError{fmt::format("oauth_token: {}", rd_kafka_error_string(error.get()))};
}

}  // namespace tidemark::kafka
