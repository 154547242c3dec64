#include "kafka/config.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "core/client_id.hpp"
#include "kafka/oauth.hpp"

namespace tidemark::kafka {
namespace {

// A property that the engine sets itself, because its promises rest on it, and what to use instead.
constexpr std::array<OwnedProperty, 13> owned_properties{{
    {"bootstrap.servers", "set ConsumerOptions::brokers"},
    {"group.id", "set ConsumerOptions::group"},
    {"enable.auto.commit", "offsets move only after the handler has returned, through the store"},
    {"auto.commit.interval.ms", "offsets move only after the handler has returned, through the store"},
    {"enable.auto.offset.store", "offsets move only after the handler has returned, through the store"},
    {"offset.store.method", "give the consumer another OffsetStore"},
    {"offset.store.path", "give the consumer a FileOffsetStore"},
    {"auto.offset.reset", "set ConsumerOptions::start, and ConsumerOptions::out_of_range"},
    {"enable.partition.eof", "tidemark needs it to bring the lag to zero after transactions"},
    {"queued.max.messages.kbytes", "set ConsumerOptions::memory_budget_bytes"},
    {"fetch.queue.backoff.ms", "tidemark keeps the fetcher awake by itself"},
    {"log.queue", "set ConsumerOptions::observer to receive the log"},
    {"enabled_events", "set ConsumerOptions::observer to receive events"},
}};

std::size_t number(const ClientConfig& config, const char* name) {
  return std::stoull(property(config.get(), name));  // librdkafka has taken it for one
}

/// librdkafka wants it between `message.max.bytes` and `receive.message.max.bytes`, less what a response holds beside: so the default
/// follows what users give for these.
void set_fetch_bytes(ClientConfig& config, const ConsumerOptions& options) {
  constexpr std::size_t beside = 512;
  if (config.has("fetch.max.bytes")) return;
  auto bytes = std::clamp<std::size_t>(options.memory_budget_bytes / 16, 1'000'000, 52'428'800);
  if (config.has("message.max.bytes")) bytes = std::max(bytes, number(config, "message.max.bytes"));
  if (config.has("receive.message.max.bytes")) {
    bytes = std::min(bytes, number(config, "receive.message.max.bytes") - beside);
    config.set_default("message.max.bytes", std::to_string(std::clamp<std::size_t>(bytes, 1'000, 1'000'000)));
  }
  config.set_default("fetch.max.bytes", std::to_string(bytes));
}

/// The prefetch queue of each worker gets its part of half the budget; the rest is for batches in hand and fetches under way.
///
/// librdkafka counts payloads only, while a record of it takes some 400 bytes beside its own: so a queue of small records is full by their
/// number. And it looks at a queue before a fetch only, so that each may bring as much again as one fetch holds: at most a sixteenth of
/// the budget, of one partition no more than a part of its worker's share.
void set_memory(ClientConfig& config, const ConsumerOptions& options) {
  const auto share = options.memory_budget_bytes / options.concurrency;
  const auto kbytes = std::clamp<std::size_t>(share / 2 / 1024, 1, 2097151);
  config.own("queued.max.messages.kbytes", std::to_string(kbytes));
  config.set_default("queued.min.messages",
                     std::to_string(std::clamp<std::size_t>(
                         share / 1024, 100, 100'000 / std::min<std::size_t>(options.concurrency, 100))));
  set_fetch_bytes(config, options);
  config.set_default("fetch.message.max.bytes", std::to_string(std::clamp<std::size_t>(share / 32, 65'536, 1'048'576)));
}

}  // namespace

bool has_fetch_backoff() { return rd_kafka_version() >= 0x02020000; }

ClientConfig make_config(const ConsumerOptions& options) {
  ClientConfig config{"ConsumerOptions::kafka", options.kafka, owned_properties};
  config.own("bootstrap.servers", options.brokers);
  config.own("group.id", options.group);
  config.own("enable.auto.commit", "false");
  config.own("enable.auto.offset.store", "false");
  config.own("auto.offset.reset", "error");
  config.own("enable.partition.eof", "true");
  config.own("log.queue", "true");
  config.set_default("client.id", core::default_client_id);
  // As Java's client does by default: without it, records that were damaged on the way or on a disk are handled as they are.
  config.set_default("check.crcs", "true");
  set_memory(config, options);
  if (has_fetch_backoff()) config.own("fetch.queue.backoff.ms", "2");
  set_token_provider(config, options.oauth_token);
  rd_kafka_conf_set_events(config.get(),
                           RD_KAFKA_EVENT_REBALANCE | RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_LOG | RD_KAFKA_EVENT_STATS);
  return config;
}

ClientConfig make_asking_config(const ConsumerOptions& options) {
  ClientConfig config{"ConsumerOptions::kafka", options.kafka, owned_properties};
  config.own("bootstrap.servers", options.brokers);
  config.set_default("client.id", core::default_client_id);
  config.own("statistics.interval.ms", "0");  // nobody reads them here, and they would pile up
  set_token_provider(config, options.oauth_token);
  // What troubles it troubles the consumer's client as well, which tells of it.
  rd_kafka_conf_set_log_cb(config.get(), nullptr);
  return config;
}

}  // namespace tidemark::kafka
