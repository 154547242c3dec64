#include "kafka/client.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include <tidemark/detail/deadline.hpp>
#include <tidemark/error.hpp>

#include "core/invariant.hpp"
#include "kafka/client_config.hpp"
#include "kafka/known_end.hpp"
#include "kafka/lasting_error.hpp"
#include "kafka/login_hint.hpp"
#include "kafka/make_client.hpp"
#include "kafka/partition_list.hpp"
#include "kafka/topic_pattern.hpp"

namespace tidemark::kafka {
namespace {

// INVALID_REGULAR_EXPRESSION of Kafka's protocol, which librdkafka before 2.10 has no name for.
constexpr auto invalid_regular_expression = static_cast<rd_kafka_resp_err_t>(128);

PartitionListHandle list_of(std::span<const core::PartitionStart> starts) {
  PartitionListHandle list{rd_kafka_topic_partition_list_new(static_cast<int>(starts.size()))};
  for (const auto& start : starts) {
    TIDEMARK_INVARIANT(6, start.next >= 0);  // never one of librdkafka's names for an end, which it would look up later
    rd_kafka_topic_partition_list_add(list.get(), start.partition.topic.c_str(), start.partition.partition)->offset =
        start.next;
  }
  return list;
}

void check(rd_kafka_resp_err_t code, std::string_view what) {
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) throw KafkaError{code, fmt::format("{}: {}", what, rd_kafka_err2str(code))};
}

void check(const ErrorHandle& error, std::string_view what) {
  if (error)
    throw KafkaError{rd_kafka_error_code(error.get()), fmt::format("{}: {}", what, rd_kafka_error_string(error.get()))};
}

/// A heartbeat may be late by this.
std::chrono::milliseconds nudge_interval_of(rd_kafka_t* client) {
  constexpr std::chrono::milliseconds shortest{10};
  constexpr std::chrono::milliseconds longest{1000};
  int heartbeat_ms = 0;
  const auto property = kafka::property(rd_kafka_conf(client), "heartbeat.interval.ms");
  std::from_chars(property.data(), property.data() + property.size(), heartbeat_ms);
  return std::clamp(std::chrono::milliseconds{heartbeat_ms}, shortest, longest);
}

LogLevel level_of(int syslog_level) {
  if (syslog_level <= 3) return LogLevel::error;
  if (syslog_level == 4) return LogLevel::warning;
  return syslog_level <= 6 ? LogLevel::info : LogLevel::debug;
}

}  // namespace

Client::Client(const ConsumerOptions& options)
    : redact_{options.kafka},
      returns_{options.memory_budget_bytes / 4 * 3},
      client_{make_client(options, returns_)},
      queue_{rd_kafka_queue_get_consumer(client_)},
      waiter_{std::in_place, queue_.get()},
      brokers_{client_},
      nudge_interval_{nudge_interval_of(client_)} {
  rd_kafka_poll_set_consumer(client_);
  rd_kafka_set_log_queue(client_, queue_.get());
}

Client::~Client() {
  const bool left = is_closed();
  waiter_.reset();
  queue_.reset();
  returns_.flush();
  TIDEMARK_INVARIANT(15, returns_.waiting() == 0);
  rd_kafka_destroy_flags(client_, left ? 0 : RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

Event Client::poll(std::chrono::milliseconds timeout) {
  const auto now = std::chrono::steady_clock::now();
  if (now >= next_nudge_) {
    nudge();
    next_nudge_ = now + nudge_interval_;
  }
  const auto deadline = std::min(detail::later(now, timeout), next_nudge_);
  TIDEMARK_INVARIANT(43, deadline <= now + nudge_interval_);
  if (const EventHandle event{rd_kafka_queue_poll(queue_.get(), 0)}) return translate(event.get());
  waiter_->wait_until(deadline);
  const EventHandle event{rd_kafka_queue_poll(queue_.get(), 0)};
  return event ? translate(event.get()) : event::Nothing{};
}

/// librdkafka's main thread, which sends the heartbeats, and its broker threads without a connection sleep by the wall clock, too. Each
/// sleeps anew once it was woken, so that a clock that was set back delays it until the next nudge, and no longer. A client that closes
/// may leave the question unanswered (see go_on_fetching), and its deadline is ours.
void Client::nudge() {
  if (is_closing_) return;
  rd_kafka_rebalance_protocol(client_);
  brokers_.wake();
}

Event Client::translate(rd_kafka_event_t* event) {
  switch (rd_kafka_event_type(event)) {
    case RD_KAFKA_EVENT_REBALANCE: {
      auto partitions = partitions_of(*rd_kafka_event_topic_partition_list(event));
      if (rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS)
        return event::Assigned{std::move(partitions)};
      return event::Revoked{std::move(partitions), is_membership_lost()};
    }
    case RD_KAFKA_EVENT_ERROR:
      return translate_error(event);
    case RD_KAFKA_EVENT_LOG:
      return translate_log(event);
    case RD_KAFKA_EVENT_STATS:
      return event::Statistics{rd_kafka_event_stats(event)};
    default:
      return event::Nothing{};
  }
}

Event Client::translate_error(rd_kafka_event_t* event) {
  const auto code = rd_kafka_event_error(event);
  const auto* detail = rd_kafka_event_error_string(event);
  auto text = redact_(fmt::format("{}: {}{}", rd_kafka_err2name(code), detail ? detail : rd_kafka_err2str(code),
                                  login_hint(rd_kafka_conf(client_), code)));
  if (code == RD_KAFKA_RESP_ERR__FATAL || rd_kafka_event_error_is_fatal(event)) {
    std::array<char, 512> reason{};
    const auto fatal = rd_kafka_fatal_error(client_, reason.data(), reason.size());
    auto why = redact_(fmt::format("{}: {}", rd_kafka_err2name(fatal), reason.data()));
    if (fatal == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID)
      why +=
          "; another consumer has joined the group with the same group.instance.id: give each running consumer one of "
          "its own";
    return event::Fatal{fatal, std::move(why)};
  }
  if (code == invalid_regular_expression) text += fmt::format(" (subscribed to {})", patterns_);
  if (const auto remedy = remedy_of(code, rd_kafka_conf(client_))) return event::Fatal{code, text + "; " + *remedy};
  return event::Trouble{code, std::move(text)};
}

Event Client::translate_log(rd_kafka_event_t* event) const {
  const char* facility = "";
  const char* text = "";
  int level = 0;
  rd_kafka_event_log(event, &facility, &text, &level);
  return event::Log{level_of(level), redact_(fmt::format("librdkafka {}: {}", facility, text))};
}

void Client::subscribe(std::span<const std::string> topics) {
  std::vector<TopicPartition> wanted;
  patterns_.clear();
  for (const auto& topic : topics) {
    wanted.push_back({topic, RD_KAFKA_PARTITION_UA});
    if (is_pattern(topic)) patterns_ += fmt::format("{}\"{}\"", patterns_.empty() ? "" : ", ", topic);
  }
  check(rd_kafka_subscribe(client_, partition_list(wanted).get()), "cannot subscribe to ConsumerOptions::topics");
}

bool Client::matches_whole_names() const { return property("group.protocol") == "consumer"; }

std::string Client::property(const char* name) const { return kafka::property(rd_kafka_conf(client_), name); }

bool Client::is_incremental() const {
  const auto* protocol = rd_kafka_rebalance_protocol(client_);
  return protocol != nullptr && std::string_view{protocol} == "COOPERATIVE";
}

/// For the time of a rebalance librdkafka holds back what is assigned. Once that is answered its main thread lets go, before it answers
/// the question here; but the broker threads hear of it only when they look. Of a client that closes nothing goes on, and its answer to
/// the last rebalance may be the last that is heard of: a question behind it would be thrown away, and waited for for ever.
void Client::go_on_fetching() {
  if (is_closing_) return;
  assignment();
  brokers_.wake();
}

void Client::assign(std::span<const core::PartitionStart> starts) {
  const auto list = list_of(starts);
  if (is_incremental()) {
    check(ErrorHandle{rd_kafka_incremental_assign(client_, list.get())}, "cannot assign partitions");
    go_on_fetching();
  } else {
    check(rd_kafka_assign(client_, list.get()), "cannot assign partitions");
  }
}

/// The group may take back what was never assigned, because stop() came first. librdkafka refuses that, and all else with it.
void Client::unassign(std::span<const TopicPartition> partitions) {
  if (is_incremental()) {
    auto assigned = partitions_of(*assignment());
    std::erase_if(assigned, [&](const auto& one) { return std::ranges::find(partitions, one) == partitions.end(); });
    check(ErrorHandle{rd_kafka_incremental_unassign(client_, partition_list(assigned).get())},
          "cannot unassign partitions");
    go_on_fetching();
  } else {
    check(rd_kafka_assign(client_, nullptr), "cannot unassign partitions");
  }
}

PartitionListHandle Client::assignment() const {
  rd_kafka_topic_partition_list_t* assigned = nullptr;
  check(rd_kafka_assignment(client_, &assigned), "cannot look up the assignment");
  return PartitionListHandle{assigned};
}

void Client::take_off(std::span<const core::PartitionStart> starts) {
  if (is_incremental()) {
    std::vector<TopicPartition> partitions;
    for (const auto& start : starts) partitions.push_back(start.partition);
    unassign(partitions);
  } else {
    assign({});
  }
  await_stopped_fetchers();
}

/// Stopping a partition's fetcher ends the forwarding of its queue, later than the call that asks for it returns, and starting it
/// anew does not bring an application's forwarding back. librdkafka's main thread serves requests in their order: behind the first
/// question here the fetchers have been told to stop, behind the second one they have reported that they did.
void Client::await_stopped_fetchers() {
  TIDEMARK_INVARIANT(16, !is_closing_);
  for (int i = 0; i < 2; ++i) assignment();
}

void Client::put_back(std::span<const core::PartitionStart> starts, std::span<const core::PartitionStart> all) {
  assign(is_incremental() ? starts : all);
}

std::optional<std::int64_t> Client::end_of(const TopicPartition& partition) const {
  return known_end(client_, partition);
}

void Client::begin_close() {
  TIDEMARK_EXPECTS(!is_closing_);
  is_closing_ = true;
  check(ErrorHandle{rd_kafka_consumer_close_queue(client_, queue_.get())}, "cannot leave the group");
}

}  // namespace tidemark::kafka
