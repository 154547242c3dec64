#include "engine/options_check.hpp"

#include <set>
#include <string_view>

#include <fmt/format.h>

#include <tidemark/error.hpp>

#include "core/cut_text.hpp"
#include "kafka/config.hpp"
#include "kafka/topic_pattern.hpp"

namespace tidemark::engine {
namespace {

void require(bool holds, std::string_view text) {
  if (!holds) throw ConfigError{fmt::format("ConsumerOptions::{}", text)};
}

/// `where` is what the user gave them to.
void check_names(std::string_view where, const std::vector<std::string>& topics) {
  std::set<std::string_view> seen;
  for (const auto& topic : topics) {
    if (topic.empty()) throw ConfigError{fmt::format("{} names an empty topic", where)};
    if (!seen.insert(topic).second)
      throw ConfigError{fmt::format("{} names \"{}\" twice; remove one of the two", where, core::cut_text(topic))};
    if (const auto fault = kafka::fault_of_topic(topic)) throw ConfigError{fmt::format("{}: {}", where, *fault)};
  }
}

void check_partitions(const ConsumerOptions& options) {
  std::set<TopicPartition> seen;
  for (const auto& partition : options.partitions) {
    require(!partition.topic.empty(), "partitions names an empty topic");
    if (const auto fault = kafka::fault_of_name(partition.topic))
      throw ConfigError{fmt::format("ConsumerOptions::partitions: {}", *fault)};
    require(partition.partition >= 0, "partitions names a negative partition; they count from 0");
    require(seen.insert(partition).second,
            fmt::format("partitions names {} [{}] twice", partition.topic, partition.partition));
  }
}

void check_handler_retry(const ConsumerOptions& options) {
  const auto& retry = options.handler_retry;
  require(retry.attempts > 0, "handler_retry.attempts must be positive; 1 calls the handler once");
  require(retry.first_delay.count() > 0 && retry.max_delay >= retry.first_delay,
          "handler_retry: first_delay must be positive and not above max_delay");
  require(retry.give_up_after.count() >= 0, "handler_retry.give_up_after is negative");
  const bool needs_sink =
      retry.when_exhausted == WhenExhausted::dead_letter || retry.when_exhausted == WhenExhausted::isolate;
  require(!needs_sink || options.dead_letters,
          "handler_retry.when_exhausted puts records into dead_letters, which is empty: set it to KafkaDeadLetters, "
          "JsonLinesDeadLetters or a DeadLetterSink of your own");
}

void check_start(const ConsumerOptions& options) {
  const auto* given = std::get_if<start::Offsets>(&options.start);
  if (given == nullptr) return;
  for (const auto& [partition, next] : given->next)
    require(next >= 0,
            fmt::format("start gives {} for {} [{}]; offsets are not negative (for the oldest or newest record use "
                        "start::Earliest or start::Latest)",
                        next, partition.topic, partition.partition));
}

}  // namespace

void check_topics(const ConsumerOptions& options, const std::vector<std::string>& topics) {
  if (!options.partitions.empty())
    throw ConfigError{
        "subscribe(): this consumer reads ConsumerOptions::partitions; give topics to one that is made with topics"};
  if (topics.empty()) throw ConfigError{"subscribe(): no topic is given; to read nothing any more, stop()"};
  check_names("subscribe()", topics);
}

void check_options(const ConsumerOptions& options) {
  require(!options.brokers.empty(), "brokers is empty; name at least one broker as host:port");
  require(!options.group.empty(), "group is empty; name the consumer group that the offsets belong to");
  require(options.topics.empty() != options.partitions.empty(), "topics and partitions: set one of the two");
  check_names("ConsumerOptions::topics", options.topics);
  check_partitions(options);
  check_start(options);
  require(options.batch.max_records > 0, "batch.max_records is 0; a batch needs at least one record");
  require(options.batch.max_bytes > 0, "batch.max_bytes is 0; a batch needs at least one byte");
  require(options.batch.max_wait.count() >= 0, "batch.max_wait is negative; 0 takes what is there");
  require(options.concurrency > 0, "concurrency is 0; at least one worker is needed");
  require(options.concurrency <= 1024, "concurrency is above 1024; a worker is a thread");
  require(options.max_uncommitted_batches > 0, "max_uncommitted_batches is 0; 1 commits each batch before the next");
  require(options.memory_budget_bytes >= 1 << 20, "memory_budget_bytes is below 1 MiB; a fetch alone may need that");
  require(options.max_conflicts > 0, "max_conflicts is 0; at least 1 is needed");
  require(options.connect_timeout.count() > 0, "connect_timeout must be positive");
  require(options.drain_timeout.count() >= 0, "drain_timeout is negative");
  require(options.handler_timeout.count() >= 0,
          "handler_timeout is negative; 0 lets the handler take as long as it needs");
  require(options.handler_grace_period.count() >= 0, "handler_grace_period is negative");
  require(options.stop_timeout.count() >= 0, "stop_timeout is negative");
  require(options.lag_interval.count() > 0, "lag_interval must be positive");
  require(
      options.store_retry.first_delay.count() > 0 && options.store_retry.max_delay >= options.store_retry.first_delay,
      "store_retry: first_delay must be positive and not above max_delay");
  require(options.store_retry.give_up_after.count() >= 0,
          "store_retry.give_up_after is negative; 0 does not call the store again");
  require(options.store_poll_interval.count() >= 0, "store_poll_interval is negative; 0 does not look at the store");
  check_handler_retry(options);
  kafka::make_config(options);
}

}  // namespace tidemark::engine
