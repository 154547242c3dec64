#include "engine/startup_check.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

#include <tidemark/detail/deadline.hpp>
#include <tidemark/error.hpp>

#include "engine/partition_names.hpp"
#include "kafka/topic_pattern.hpp"

namespace tidemark::engine {
namespace {

constexpr std::chrono::milliseconds one_try{1000};
constexpr std::chrono::milliseconds between_tries{100};

[[noreturn]] void missing(const std::string& what, const std::string& mend) {
  throw KafkaError{RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, fmt::format("{}; {}", what, mend)};
}

}  // namespace

void StartupCheck::run() {
  const auto deadline = detail::later(std::chrono::steady_clock::now(), options_.connect_timeout);
  begin(WaitKind::brokers, options_.brokers);
  contact(deadline);
  if (!cancelled_) check_topics();
  begin(options_.partitions.empty() ? WaitKind::coordinator : WaitKind::leader, whom());
  if (!cancelled_) reach(deadline);
  begin(WaitKind::dead_letters, {});
  if (options_.dead_letters) check_dead_letters();
  end();
}

void StartupCheck::begin(WaitKind kind, std::string place) {
  const std::lock_guard lock{mutex_};
  wait_ = Wait{kind, std::chrono::steady_clock::now(), std::move(place), {}};
}

void StartupCheck::cancel() {
  {
    const std::lock_guard lock{mutex_};
    cancelled_ = true;
  }
  is_over_.notify_all();
}

void StartupCheck::pause() {
  std::unique_lock lock{mutex_};
  is_over_.wait_for(lock, between_tries, [this] { return cancelled_.load(); });
}

void StartupCheck::end() {
  const std::lock_guard lock{mutex_};
  wait_.reset();
}

void StartupCheck::set_reason(std::string reason) {
  const std::lock_guard lock{mutex_};
  if (wait_) wait_->reason = std::move(reason);
}

std::optional<StartupCheck::Wait> StartupCheck::wait() const {
  const std::lock_guard lock{mutex_};
  auto wait = wait_;
  if (!wait || wait->kind == WaitKind::dead_letters) return wait;
  const auto troubles = wait->kind == WaitKind::brokers ? troubles_.last() : troubles_.with_advertised();
  if (!troubles.empty()) wait->reason = troubles;
  return wait;
}

void StartupCheck::contact(TimePoint deadline) {
  while (!cancelled_) {
    try {
      return queries_.contact(one_try);
    } catch (const KafkaError& error) {
      if (std::chrono::steady_clock::now() < deadline) continue;
      const std::lock_guard lock{mutex_};
      const auto& trouble = troubles_.last();
      throw KafkaError{error.code(),
                       fmt::format("no broker of \"{}\" could be reached within {} ms (last trouble: {}); check "
                                   "ConsumerOptions::brokers and the security properties, or raise connect_timeout",
                                   options_.brokers, options_.connect_timeout.count(),
                                   trouble.empty() ? error.what() : trouble.c_str())};
    }
  }
}

void StartupCheck::reach(TimePoint deadline) {
  bool is_told = false;
  while (!cancelled_) {
    try {
      return ask_those_needed();
    } catch (const KafkaError& error) {
      if (!kafka::may_heal(error.code()) || error.code() == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED) throw;
      if (std::chrono::steady_clock::now() >= deadline) throw KafkaError{error.code(), half_way(error)};
      set_reason(error.what());
      if (!std::exchange(is_told, true))
        notifier_->on_error(
            fmt::format("the brokers at \"{}\" answer, but {} does not yet ({}); it is waited for, up to {} ms",
                        options_.brokers, whom(), error.what(), options_.connect_timeout.count()));
    }
    pause();  // that a partition has no leader is known at once
  }
}

void StartupCheck::ask_those_needed() {
  if (options_.partitions.empty())
    queries_.reach_coordinator(options_.topics.front(), one_try);
  else
    queries_.reach_leader(options_.partitions, one_try);
}

Outside::Found StartupCheck::look_for(const Outside::Search& search) const {
  Outside::Found found;
  try {
    queries_.contact(search.timeout);
    found.brokers = true;
    for (const auto& topic : search.topics)
      if (queries_.partition_count(topic, search.timeout) > 0) found.topics.push_back(topic);
    if (search.coordinator) queries_.reach_coordinator(options_.group, search.timeout);
    found.coordinator = true;
  } catch (const KafkaError&) {  // NOLINT(bugprone-empty-catch): it is not there yet
  }
  return found;
}

std::string StartupCheck::whom() const {
  return options_.partitions.empty() ? fmt::format("the coordinator of group \"{}\"", options_.group)
                                     : fmt::format("a leader of {}", names_of(options_.partitions));
}

/// Why a cluster that has answered can't be used, and what usually causes it.
std::string StartupCheck::half_way(const KafkaError& error) {
  std::string addresses;
  try {
    addresses = queries_.advertised(one_try);
  } catch (const KafkaError&) {
    addresses = "unknown by now";
  }
  const auto is_group = options_.partitions.empty();
  const std::lock_guard lock{mutex_};
  const auto troubles = troubles_.with_advertised();
  if (troubles.empty())
    return fmt::format(
        "the brokers at \"{}\" answer, but {} could not be reached within {} ms ({}), at the addresses that they "
        "advertise "
        "({}); check that these can be reached from here, else correct advertised.listeners of the brokers{}; or raise "
        "connect_timeout",
        options_.brokers, whom(), options_.connect_timeout.count(), error.what(), addresses,
        is_group ? ", and that __consumer_offsets has leaders (offsets.topic.replication.factor may exceed the number "
                   "of brokers)"
                 : ", and that the partitions have leaders");
  return fmt::format(
      "the brokers at \"{}\" answer, but {} could not be reached within {} ms: the addresses that they advertise ({}) "
      "can't be reached from here ({}); correct advertised.listeners of the brokers, or make these addresses resolve "
      "and reachable; or raise connect_timeout",
      options_.brokers, whom(), options_.connect_timeout.count(), addresses, troubles);
}

void StartupCheck::check_topics() {
  std::set<std::string> checked;
  while (const auto topic = unchecked_topic(checked)) {
    if (cancelled_) return;
    if (partition_count(*topic) == 0 && is_wanted(*topic))
      missing(fmt::format("topic \"{}\" does not exist", *topic),
              "create it, correct ConsumerOptions::topics, or set missing_topic to wait for it");
    checked.insert(*topic);
  }
  check_partitions();
}

/// The topics may change meanwhile.
std::optional<std::string> StartupCheck::unchecked_topic(const std::set<std::string>& checked) const {
  if (options_.missing_topic == MissingTopicPolicy::wait) return std::nullopt;
  const std::lock_guard lock{mutex_};
  for (const auto& topic : topics_)
    if (!kafka::is_pattern(topic) && !checked.contains(topic)) return topic;
  return std::nullopt;
}

bool StartupCheck::is_wanted(const std::string& topic) const {
  const std::lock_guard lock{mutex_};
  return std::ranges::find(topics_, topic) != topics_.end();
}

void StartupCheck::set_topics(std::vector<std::string> topics) {
  const std::lock_guard lock{mutex_};
  topics_ = std::move(topics);
}

void StartupCheck::check_partitions() {
  for (const auto& [topic, partition] : options_.partitions) {
    if (cancelled_) return;
    const auto count = partition_count(topic);
    if (partition >= count)
      missing(fmt::format("partition {} [{}] does not exist: the topic has {}", topic, partition, count),
              "correct ConsumerOptions::partitions");
  }
}

std::int32_t StartupCheck::partition_count(const std::string& topic) {
  const auto deadline = detail::later(std::chrono::steady_clock::now(), options_.connect_timeout);
  while (true) {
    try {
      return queries_.partition_count(topic, one_try);
    } catch (const KafkaError& error) {
      if (cancelled_ || !kafka::is_outage(error.code()) || std::chrono::steady_clock::now() >= deadline) throw;
    }
  }
}

void StartupCheck::check_dead_letters() {
  const auto deadline = std::chrono::steady_clock::now() + options_.connect_timeout;
  while (!cancelled_) {
    try {
      return options_.dead_letters->check();
    } catch (const StoreError& error) {
      if (!error.is_retryable() || std::chrono::steady_clock::now() >= deadline) throw;
      set_reason(error.what());
    }
    pause();  // a sink may say so at once
  }
}

void StartupCheck::on_trouble(int code, const std::string& text) {
  const std::lock_guard lock{mutex_};
  // "All brokers are down" follows each failure and says less than it.
  if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN && !troubles_.last().empty()) return;
  troubles_.on_trouble(text);
}

}  // namespace tidemark::engine
