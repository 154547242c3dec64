#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <tidemark/error.hpp>
#include <tidemark/options.hpp>

#include "core/broker_troubles.hpp"
#include "engine/notifier.hpp"
#include "engine/outside.hpp"
#include "kafka/broker_queries.hpp"

namespace tidemark::engine {

/// Waits for the contact that a consumer needs to begin, and makes sure that what is to be read exists and that dead letters can be written.
/// A cluster that answers at its bootstrap address may still send us to addresses that can't be reached: so the contact is with the group's
/// coordinator, or with a leader where partitions are explicit.
///
/// Blocks; for the background thread.
class StartupCheck {
 public:
  StartupCheck(const ConsumerOptions& options, rd_kafka_t* client, const Notifier& notifier)
      : options_{options}, queries_{client}, notifier_{notifier}, topics_{options.topics} {}

  /// Throws KafkaError, or what the dead-letter sink throws. Returns early when cancelled.
  void run();
  void cancel();

  /// These are to be read instead of those in the options, so these must exist. From any thread.
  void set_topics(std::vector<std::string> topics);

  /// What is waited for, since when, and why as far as that is known; nullopt before and after. From any thread.
  struct Wait {
    WaitKind kind = WaitKind::brokers;
    std::chrono::steady_clock::time_point since{};
    std::string place;
    std::string reason;
  };
  std::optional<Wait> wait() const;

  /// Looks for what a running consumer misses. Blocks, up to the search's time-out for each thing.
  Outside::Found look_for(const Outside::Search& search) const;

  /// What librdkafka reported last, so that a failure can say why.
  void on_trouble(int code, const std::string& text);

 private:
  using TimePoint = std::chrono::steady_clock::time_point;

  void begin(WaitKind kind, std::string place);
  void end();
  void pause();
  void set_reason(std::string reason);
  void contact(TimePoint deadline);
  void reach(TimePoint deadline);
  void ask_those_needed();
  std::string whom() const;
  std::string half_way(const KafkaError& error);
  void check_topics();
  void check_dead_letters();
  void check_partitions();
  std::optional<std::string> unchecked_topic(const std::set<std::string>& checked) const;
  bool is_wanted(const std::string& topic) const;
  std::int32_t partition_count(const std::string& topic);

  const ConsumerOptions& options_;
  kafka::BrokerQueries queries_;
  const Notifier& notifier_;
  std::atomic<bool> cancelled_ = false;
  std::condition_variable is_over_;
  mutable std::mutex mutex_;  // guards what follows
  std::vector<std::string> topics_;
  std::optional<Wait> wait_;
  core::BrokerTroubles troubles_;
};

}  // namespace tidemark::engine
