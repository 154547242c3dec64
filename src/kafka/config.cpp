#include "kafka/config.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include <tidemark/error.hpp>

#include "core/redaction.hpp"
#include "kafka/metrics_push.hpp"

namespace tidemark::kafka {
namespace {

struct OwnedProperty {
  std::string_view name;
  std::string_view instead;
};

// A property that the engine sets itself, because its promises rest on it, and what to use instead.
constexpr std::array<OwnedProperty, 14> owned_properties{{
    {"bootstrap.servers", "set ConsumerOptions::brokers"},
    {"metadata.broker.list", "set ConsumerOptions::brokers"},
    {"group.id", "set ConsumerOptions::group"},
    {"enable.auto.commit", "offsets move only after the handler has returned, through the store"},
    {"auto.commit.enable", "offsets move only after the handler has returned, through the store"},
    {"auto.commit.interval.ms", "offsets move only after the handler has returned, through the store"},
    {"enable.auto.offset.store", "offsets move only after the handler has returned, through the store"},
    {"offset.store.method", "give the consumer another OffsetStore"},
    {"offset.store.path", "give the consumer a FileOffsetStore"},
    {"auto.offset.reset", "set ConsumerOptions::start, and ConsumerOptions::out_of_range"},
    {"enable.partition.eof", "tidemark needs it to bring the lag to zero after transactions"},
    {"queued.max.messages.kbytes", "set ConsumerOptions::memory_budget_bytes"},
    {"fetch.queue.backoff.ms", "tidemark keeps the fetcher awake by itself"},
    {"log.queue", "set ConsumerOptions::observer to receive the log"},
}};

void set(rd_kafka_conf_t* conf, std::string_view name, const std::string& value) {
  std::array<char, 512> error{};
  const std::string key{name};
  switch (rd_kafka_conf_set(conf, key.c_str(), value.c_str(), error.data(), error.size())) {
    case RD_KAFKA_CONF_OK:
      return;
    case RD_KAFKA_CONF_UNKNOWN:
      throw ConfigError{fmt::format(
          "ConsumerOptions::kafka: librdkafka {} has no property \"{}\"; see its CONFIGURATION.md for those it has",
          rd_kafka_version_str(), name)};
    case RD_KAFKA_CONF_INVALID:
      break;
  }
  // librdkafka quotes the value in its text.
  const core::Redaction redact{{{key, value}}};
  throw ConfigError{
      fmt::format("ConsumerOptions::kafka: \"{}\" is refused: {}; correct its value", name, redact(error.data()))};
}

void refuse_owned(const ConsumerOptions& options) {
  for (const auto& [name, value] : options.kafka) {
    const auto* owned = std::ranges::find(owned_properties, name, &OwnedProperty::name);
    if (owned != owned_properties.end())
      throw ConfigError{fmt::format("ConsumerOptions::kafka: \"{}\" belongs to tidemark: {}", name, owned->instead)};
  }
}

/// The prefetch queue of each worker gets its part of half the budget; the rest is for batches in hand and fetches under way.
///
/// librdkafka counts payloads only, while a record of it takes some 400 bytes beside its own: so a queue of small records is full by their
/// number. And it looks at a queue before a fetch only, so that each may bring as much again as one fetch holds: at most a sixteenth of
/// the budget, of one partition no more than a part of its worker's share.
void set_memory(rd_kafka_conf_t* conf, const ConsumerOptions& options) {
  const auto share = options.memory_budget_bytes / options.concurrency;
  const auto kbytes = std::clamp<std::size_t>(share / 2 / 1024, 1, 2097151);
  set(conf, "queued.max.messages.kbytes", std::to_string(kbytes));
  if (!options.kafka.contains("queued.min.messages"))
    set(conf, "queued.min.messages",
        std::to_string(
            std::clamp<std::size_t>(share / 1024, 100, 100'000 / std::min<std::size_t>(options.concurrency, 100))));
  if (!options.kafka.contains("fetch.max.bytes")) {
    const auto fetch = std::clamp<std::size_t>(options.memory_budget_bytes / 16, 1'000'000, 52'428'800);
    set(conf, "fetch.max.bytes", std::to_string(fetch));
  }
  if (!options.kafka.contains("fetch.message.max.bytes") && !options.kafka.contains("max.partition.fetch.bytes"))
    set(conf, "fetch.message.max.bytes", std::to_string(std::clamp<std::size_t>(share / 32, 65'536, 1'048'576)));
}

}  // namespace

bool has_fetch_backoff() { return rd_kafka_version() >= 0x02020000; }

ConfHandle make_config(const ConsumerOptions& options) {
  refuse_owned(options);
  ConfHandle conf{rd_kafka_conf_new()};
  set(conf.get(), "bootstrap.servers", options.brokers);
  set(conf.get(), "group.id", options.group);
  set(conf.get(), "enable.auto.commit", "false");
  set(conf.get(), "enable.auto.offset.store", "false");
  set(conf.get(), "auto.offset.reset", "error");
  set(conf.get(), "enable.partition.eof", "true");
  set(conf.get(), "log.queue", "true");
  // As Java's client does by default: without it, records that were damaged on the way or on a disk are handled as they are.
  if (!options.kafka.contains("check.crcs")) set(conf.get(), "check.crcs", "true");
  if (!options.kafka.contains("client.id")) set(conf.get(), "client.id", "tidemark");
  set_memory(conf.get(), options);
  avoid_slow_destroy(*conf);
  if (has_fetch_backoff()) set(conf.get(), "fetch.queue.backoff.ms", "2");
  for (const auto& [name, value] : options.kafka) set(conf.get(), name, value);
  rd_kafka_conf_set_events(conf.get(), RD_KAFKA_EVENT_REBALANCE | RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_LOG);
  return conf;
}

}  // namespace tidemark::kafka
