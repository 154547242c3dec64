#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <tidemark/offset_store.hpp>
#include <tidemark/options.hpp>

#include "core/partition_start.hpp"
#include "core/start_plan.hpp"
#include "engine/interrupt.hpp"
#include "engine/notifier.hpp"
#include "kafka/broker_queries.hpp"

namespace tidemark::engine {

/// Finds out where partitions start: what the store holds, else what the start policy says.
///
/// Blocks on the store and on brokers. Everything it throws ends the consumer.
///
/// Thread safety: shared objects unsafe; used by the background thread.
class StartLoader {
 public:
  StartLoader(const ConsumerOptions& options, OffsetStore& store, rd_kafka_t* client, const Notifier& notifier,
              Interrupt& interrupt)
      : options_{options},
        store_{store},
        session_{options.group, client},
        queries_{client},
        notifier_{notifier},
        interrupt_{interrupt} {}

  std::vector<core::PartitionStart> load(std::span<const TopicPartition> partitions);

  /// What is stored now, asked once; nothing where the store does not answer.
  std::vector<std::optional<std::int64_t>> look(std::span<const TopicPartition> partitions);

  /// `requested` does not exist in Kafka: what the out-of-range policy says.
  core::PartitionStart go_on(const TopicPartition& partition, std::int64_t committed, std::int64_t requested);

 private:
  using Stored = std::vector<std::optional<std::int64_t>>;

  template <class Question>
  auto ask(const Question& question);
  Stored load_stored(std::span<const TopicPartition> partitions);
  std::vector<core::PartitionStart> resolve(std::span<const TopicPartition> absent);
  std::vector<std::int64_t> offsets_of(core::StartPoint point, std::span<const TopicPartition> partitions);
  bool is_known(const std::string& topic);
  std::vector<TopicPartition> all_partitions(const std::string& topic);
  void store_at_once(std::span<const TopicPartition> absent, core::StartPoint point);

  const ConsumerOptions& options_;
  OffsetStore& store_;
  GroupSession session_;
  kafka::BrokerQueries queries_;
  const Notifier& notifier_;
  Interrupt& interrupt_;
};

}  // namespace tidemark::engine
