#include <optional>
#include <span>
#include <string>

#include <tidemark/error.hpp>
#include <tidemark/stores/kafka.hpp>

#include "support/catch.hpp"

using namespace std::chrono_literals;
using namespace tidemark;

namespace {

/// The text of the ConfigError that `action` throws.
template <class Action>
std::string config_error_of(const Action& action) {
  try {
    action();
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "no ConfigError";
}

std::string refusal_of(const KafkaOffsetStoreOptions& options) {
  return config_error_of([&] { KafkaOffsetStore{options}; });
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a Kafka-native store without brokers says what it lacks when it is asked without a consumer", "[unit]") {
  KafkaOffsetStore store;
  const TopicPartition partition{"orders", 0};
  const StoredOffset offset{partition, 5};
  const OffsetRange range{partition, 0, 5};
  const std::string option = "KafkaOffsetStoreOptions::brokers";
  CHECK(contains(config_error_of([&] { store.list("group"); }), option));
  CHECK(contains(config_error_of([&] { store.overwrite("group", std::span{&offset, 1}); }), option));
  CHECK(contains(config_error_of([&] { store.erase("group", std::span{&partition, 1}); }), option));
  CHECK(contains(config_error_of([&] { store.load({.group = "group"}, std::span{&partition, 1}); }), option));
  CHECK(contains(config_error_of([&] { store.commit({.group = "group"}, std::span{&range, 1}); }), option));
}

TEST_CASE("options of the Kafka-native store that cannot work are refused at once", "[unit]") {
  CHECK(contains(refusal_of({.timeout = 0ms}), "timeout"));
  CHECK(contains(refusal_of({.timeout = 2h}), "timeout"));
  CHECK(contains(refusal_of({.kafka = {{"security.protocol", "SSL"}}}), "brokers is empty"));
  CHECK(contains(refusal_of({.brokers = "a:1", .kafka = {{"bootstrap.servers", "b:1"}}}),
                 "set KafkaOffsetStoreOptions::brokers"));
  CHECK(contains(refusal_of({.brokers = "a:1", .kafka = {{"metadata.broker.list", "b:1"}}}),
                 "set KafkaOffsetStoreOptions::brokers"));
  CHECK(contains(refusal_of({.brokers = "a:1", .kafka = {{"group.id", "b"}}}), "belongs to tidemark"));
  CHECK(contains(refusal_of({.brokers = "a:1", .kafka = {{"statistics.interval.ms", "1000"}}}),
                 "ConsumerOptions::kafka"));
  CHECK(contains(refusal_of({.brokers = "a:1", .kafka = {{"no.such.thing", "1"}}}), "no.such.thing"));
}

TEST_CASE("a refused option of the Kafka-native store shows no secret", "[unit]") {
  const auto text = refusal_of({.brokers = "a:1",
                                .kafka = {{"enable.ssl.certificate.verification", "maybe"},
                                          {"sasl.password", "hunter2"},
                                          {"ssl.key.password", "maybe"}}});
  CHECK(contains(text, "enable.ssl.certificate.verification"));
  CHECK_FALSE(contains(text, "maybe"));
  CHECK_FALSE(contains(text, "hunter2"));
}
