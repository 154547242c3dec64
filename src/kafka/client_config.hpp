#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/redaction.hpp"
#include "kafka/handles.hpp"

namespace tidemark::kafka {

/// A property that tidemark sets, because its promises rest on the value, and what users do instead of setting it.
struct OwnedProperty {
  std::string_view name;
  std::string_view instead;
};

/// The name under which librdkafka keeps a property: without the prefix `topic.`, and with aliases resolved.
std::string_view canonical_name(std::string_view name);

/// The value that librdkafka holds, in its own spelling; empty where it has no such property or no value.
std::string property(const rd_kafka_conf_t* conf, const char* name);

/// Assembles the configuration of any client that we make: what users give, and what tidemark sets over it.
///
/// Errors: ConfigError, with the name of the option that holds the users' properties.
class ClientConfig {
 public:
  /// Takes the users' properties. `option` is the name for error texts, such as "ConsumerOptions::kafka".
  ClientConfig(std::string_view option, const std::map<std::string, std::string>& properties,
               std::span<const OwnedProperty> owned);

  /// Whether the user gives this property, under whichever of its names.
  bool has(std::string_view name) const;
  void set_default(std::string_view name, const std::string& value) {
    if (!has(name)) set(name, value);
  }
  /// The value must hold: verify() compares it.
  void own(std::string_view name, const std::string& value);

  rd_kafka_conf_t* get() const { return conf_.get(); }
  /// For the call that makes a client of the configuration.
  rd_kafka_conf_t* release() { return conf_.release(); }
  ConfHandle take() { return std::move(conf_); }
  ConfHandle copy() const { return ConfHandle{rd_kafka_conf_dup(conf_.get())}; }

  /// Throws where the client that was made holds another value than own() set: a plugin, or a name that we don't know, set it.
  void verify(const rd_kafka_conf_t* made) const;

  /// A text of librdkafka's, without secrets.
  std::string redact(std::string_view text) const { return redact_(text); }

  /// What librdkafka says when it refuses to make a client.
  [[noreturn]] void refuse(std::string_view why) const;

 private:
  void set(std::string_view name, const std::string& value);

  std::string option_;
  core::Redaction redact_;
  std::map<std::string, std::string> given_;  // canonical name → the user's name
  std::vector<std::pair<std::string, std::string>> owned_;
  ConfHandle conf_;
};

}  // namespace tidemark::kafka
