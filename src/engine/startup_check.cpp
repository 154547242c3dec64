#include "engine/startup_check.hpp"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

#include <tidemark/detail/deadline.hpp>
#include <tidemark/error.hpp>

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
  contact();
  if (!cancelled_) check_topics();
  if (options_.dead_letters) check_dead_letters();
}

void StartupCheck::contact() {
  const auto deadline = detail::later(std::chrono::steady_clock::now(), options_.connect_timeout);
  while (!cancelled_) {
    try {
      return queries_.contact(one_try);
    } catch (const KafkaError& error) {
      if (std::chrono::steady_clock::now() < deadline) continue;
      const std::lock_guard lock{mutex_};
      throw KafkaError{error.code(),
                       fmt::format("no broker of \"{}\" could be reached within {} ms (last trouble: {}); check "
                                   "ConsumerOptions::brokers and the security properties, or raise connect_timeout",
                                   options_.brokers, options_.connect_timeout.count(),
                                   trouble_.empty() ? error.what() : trouble_.c_str())};
    }
  }
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
    }
    std::this_thread::sleep_for(between_tries);  // a sink may say so at once
  }
}

void StartupCheck::on_trouble(int code, const std::string& text) {
  const std::lock_guard lock{mutex_};
  // "All brokers are down" follows each failure and says less than it.
  if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN && !trouble_.empty()) return;
  trouble_ = text;
}

}  // namespace tidemark::engine
