#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include <tidemark/offset_store.hpp>
#include <tidemark/options.hpp>

#include "core/obstacle.hpp"
#include "core/start_plan.hpp"
#include "core/starts.hpp"
#include "engine/call_watch.hpp"
#include "engine/interrupt.hpp"
#include "engine/notifier.hpp"
#include "kafka/asking_client.hpp"
#include "kafka/broker_queries.hpp"

namespace tidemark::engine {

/// Finds out where partitions start: what the store holds, else what the start policy says.
///
/// What Kafka cannot tell of a partition for now is left open, to be asked again: it holds up nothing else. Blocks on the store and on
/// brokers. Everything it throws ends the consumer.
///
/// Thread safety: shared objects unsafe; used by the background thread.
class StartLoader {
 public:
  StartLoader(const ConsumerOptions& options, OffsetStore& store, rd_kafka_t* client, const Notifier& notifier,
              Interrupt& interrupt, std::stop_token store_stop)
      : options_{options},
        store_{store},
        client_{client},
        store_stop_{std::move(store_stop)},
        queries_{client},
        asking_{options},
        notifier_{notifier},
        interrupt_{interrupt} {}

  /// From any thread.
  const CallWatch& watch() const { return watch_; }

  core::Starts load(std::span<const TopicPartition> partitions);

  /// What is stored now, asked once; nothing where the store does not answer.
  std::vector<std::optional<std::int64_t>> look(std::span<const TopicPartition> partitions);

  /// The strategy by which the group's members share partitions; empty where Kafka does not tell.
  std::string strategy() const;

  /// Where the partition goes on that met this: at its position if Kafka has that, else as the out-of-range policy says.
  core::Starts go_on(const TopicPartition& partition, std::int64_t committed, const core::Obstacle& obstacle);

 private:
  using Stored = std::vector<std::optional<std::int64_t>>;

  using Partitions = std::vector<TopicPartition>;
  using ByPoint = std::map<core::StartPoint, Partitions>;

  GroupSession session() const;
  void ask_apart();
  Stored load_stored(std::span<const TopicPartition> partitions);
  void resolve(std::span<const TopicPartition> absent, core::Starts& starts);
  void resolve_topic(const std::string& topic, const Partitions& partitions, ByPoint& to_ask, core::Starts& starts);
  std::vector<kafka::OffsetAnswer> offsets_of(core::StartPoint point, std::span<const TopicPartition> partitions);
  Partitions all_partitions(const std::string& topic);
  void store_at_once(std::span<const TopicPartition> all, std::span<const kafka::OffsetAnswer> answers,
                     std::span<const TopicPartition> wanted, std::chrono::system_clock::time_point time,
                     core::Starts& starts);
  std::string why_not_at(const TopicPartition& partition, const OutOfRangeEvent& event) const;

  const ConsumerOptions& options_;
  OffsetStore& store_;
  rd_kafka_t* client_;
  std::stop_token store_stop_;
  kafka::BrokerQueries queries_;
  kafka::AskingClient asking_;
  bool may_fetch_ = false;  // a load was answered, so that the consumer's connections may be busy with fetches
  const Notifier& notifier_;
  Interrupt& interrupt_;
  CallWatch watch_;
  // Partitions that were to begin at the end, or at a time, when Kafka could not tell where that was: the time they begin at. Records that
  // are written before Kafka can tell count, and so does the decision, though the topic's other partitions have stored starts by then.
  std::map<TopicPartition, std::chrono::system_clock::time_point> decided_;
  // Topics that were begun on in this way, though nothing of them may be stored yet, and how many partitions they had: what came later is read
  // from its beginning, as of a topic of which something is stored.
  struct Begun {
    std::chrono::system_clock::time_point at;
    std::size_t partitions = 0;
  };
  std::map<std::string, Begun> begun_;
};

}  // namespace tidemark::engine
