#include "kafka/client_config.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <tidemark/error.hpp>

#include "kafka/metrics_push.hpp"

namespace tidemark::kafka {
namespace {

// The aliases of librdkafka's table (rdkafka_conf.c, _RK_C_ALIAS) whose properties tidemark sets or looks at.
constexpr std::array<std::pair<std::string_view, std::string_view>, 11> aliases{{
    {"metadata.broker.list", "bootstrap.servers"},
    {"auto.commit.enable", "enable.auto.commit"},
    {"max.partition.fetch.bytes", "fetch.message.max.bytes"},
    {"request.required.acks", "acks"},
    {"delivery.timeout.ms", "message.timeout.ms"},
    {"queue.buffering.max.ms", "linger.ms"},
    {"sasl.mechanism", "sasl.mechanisms"},
    {"message.send.max.retries", "retries"},
    {"max.in.flight", "max.in.flight.requests.per.connection"},
    {"sasl.oauthbearer.client.credentials.client.id", "sasl.oauthbearer.client.id"},
    {"sasl.oauthbearer.client.credentials.client.secret", "sasl.oauthbearer.client.secret"},
}};

constexpr std::string_view topic_prefix = "topic.";

}  // namespace

std::string_view canonical_name(std::string_view name) {
  // rd_kafka_topic_conf_set takes the prefix off once.
  if (name.starts_with(topic_prefix)) name.remove_prefix(topic_prefix.size());
  const auto* alias = std::ranges::find(aliases, name, [](const auto& one) { return one.first; });
  return alias == aliases.end() ? name : alias->second;
}

std::string property(const rd_kafka_conf_t* conf, const char* name) {
  std::size_t size = 0;
  if (rd_kafka_conf_get(conf, name, nullptr, &size) != RD_KAFKA_CONF_OK || size == 0) return {};
  std::string value(size, '\0');
  if (rd_kafka_conf_get(conf, name, value.data(), &size) != RD_KAFKA_CONF_OK) return {};
  value.resize(std::min(value.size(), value.find('\0')));
  return value;
}

ClientConfig::ClientConfig(std::string_view option, const std::map<std::string, std::string>& properties,
                           std::span<const OwnedProperty> owned)
    : option_{option}, redact_{properties}, conf_{rd_kafka_conf_new()} {
  for (const auto& [name, value] : properties) {
    const auto canonical = canonical_name(name);
    const auto is_it = [&](const OwnedProperty& one) { return canonical_name(one.name) == canonical; };
    if (const auto found = std::ranges::find_if(owned, is_it); found != owned.end())
      throw ConfigError{fmt::format("{}: \"{}\" belongs to tidemark: {}", option_, name, found->instead)};
    set(name, value);
    // A property of topics may have the name of a global one, such as "compression.codec": both hold then.
    const auto [other, is_new] = given_.try_emplace(std::string{canonical}, name);
    if (!is_new && name.starts_with(topic_prefix) == other->second.starts_with(topic_prefix))
      throw ConfigError{fmt::format("{}: \"{}\" and \"{}\" are two names of one property; give one of them", option_,
                                    other->second, name)};
  }
  if (has_slow_destroy()) set_default("enable.metrics.push", "false");
}

bool ClientConfig::has(std::string_view name) const { return given_.contains(std::string{canonical_name(name)}); }

void ClientConfig::own(std::string_view name, const std::string& value) {
  set(name, value);
  // As librdkafka spells it: it has "-1" for "all".
  owned_.emplace_back(name, property(conf_.get(), std::string{name}.c_str()));
}

void ClientConfig::set(std::string_view name, const std::string& value) {
  std::array<char, 512> error{};
  switch (rd_kafka_conf_set(conf_.get(), std::string{name}.c_str(), value.c_str(), error.data(), error.size())) {
    case RD_KAFKA_CONF_OK:
      return;
    case RD_KAFKA_CONF_UNKNOWN:
      throw ConfigError{
          fmt::format("{}: librdkafka {} has no property \"{}\"; see its CONFIGURATION.md for those it has", option_,
                      rd_kafka_version_str(), name)};
    case RD_KAFKA_CONF_INVALID:
      break;
  }
  // librdkafka quotes the value in its text.
  throw ConfigError{fmt::format("{}: \"{}\" is refused: {}; correct its value", option_, name, redact_(error.data()))};
}

void ClientConfig::verify(const rd_kafka_conf_t* made) const {
  for (const auto& [name, value] : owned_)
    if (const auto found = property(made, name.c_str()); found != value)
      throw ConfigError{
          fmt::format("{}: librdkafka {} has \"{}\" = \"{}\" where tidemark set \"{}\"; remove the property "
                      "or the plugin that changes it",
                      option_, rd_kafka_version_str(), name, found, value)};
}

void ClientConfig::refuse(std::string_view why) const {
  throw ConfigError{fmt::format("{}: librdkafka {} refuses these properties: {}; see its CONFIGURATION.md", option_,
                                rd_kafka_version_str(), redact_(why))};
}

}  // namespace tidemark::kafka
