#include "engine/control.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

#include <tidemark/detail/deadline.hpp>
#include <tidemark/error.hpp>

#include "core/invariant.hpp"
#include "engine/partition_names.hpp"
#include "engine/progress_report.hpp"
#include "kafka/topic_pattern.hpp"

namespace tidemark::engine {
namespace {

constexpr std::chrono::milliseconds longest_poll{1000};
// While partitions are drained: how often to look whether the group has gone on without us.
constexpr std::chrono::milliseconds drain_poll{100};

}  // namespace

Control::Control(const ConsumerOptions& options, OffsetStore& store, detail::BatchHandlerFactory& handlers,
                 kafka::Client& client, const Notifier& notifier, PublishedProgress& published, Flow& flow)
    : options_{options},
      client_{client},
      notifier_{notifier},
      published_{published},
      flow_{flow},
      mailbox_{[&client] { client.wake(); }},
      session_{{options.drain_timeout, options.stop_timeout}},
      places_{options.concurrency},
      unreadable_{options.lag_interval},
      startup_{options, client.handle(), notifier},
      starts_{options, store, client.handle(), notifier, interrupt_, store_stop_.get_token()},
      background_{mailbox_},
      board_{notifier, std::chrono::steady_clock::now()},
      outside_{options.partitions.empty()},
      topics_{options.topics} {
  const WorkerContext context{options_,   store, client_.handle(),       client_.returns(), mailbox_, notifier_,
                              published_, flow,  store_stop_.get_token()};
  for (std::size_t i = 0; i < options.concurrency; ++i)
    workers_.push_back(std::make_unique<Worker>(context, handlers.make()));
}

Control::~Control() {
  startup_.cancel();
  interrupt_.cancel();
  store_stop_.request_stop();
  for (auto& worker : workers_) worker->stop();
}

void Control::stop(bool abandon) {
  if (abandon) abandon_ = true;
  stop_requested_ = true;
  client_.wake();
}

void Control::subscribe(std::vector<std::string> topics) {
  startup_.set_topics(topics);
  mailbox_.post(message::Subscribe{std::move(topics)});
}

void Control::look_at_flow() {
  flow_changed_ = true;
  client_.wake();
}

void Control::run() {
  background_.post([this] {
    startup_.run();
    mailbox_.post(message::Ready{});
  });
  while (!(leaving_ && (client_.is_closed() || std::chrono::steady_clock::now() >= stop_deadline_))) {
    try {
      step();
    } catch (...) {
      fail(std::current_exception());
    }
  }
  for (auto& worker : workers_) worker->stop();
  for (auto& worker : workers_) worker->join();
  for (auto& message : mailbox_.take())
    if (auto* failed = std::get_if<message::Failed>(&message)) fail(failed->error);
  tell_lag({});
  if (error_) std::rethrow_exception(error_);
}

void Control::step() {
  std::visit([this](const auto& event) { on_event(event); }, client_.poll(poll_time(std::chrono::steady_clock::now())));
  for (auto& message : mailbox_.take()) std::visit([this](auto& one) { on_message(one); }, message);
  if (flow_changed_.exchange(false))
    for (auto& worker : workers_) worker->look_at_flow();
  const auto now = std::chrono::steady_clock::now();
  look_at_handlers(now);
  if (stop_requested_) begin_stop();
  if (session_.draining() && client_.is_membership_lost()) perform(session_.on_membership_lost());
  perform(session_.on_time(now));
  ask_again(now);
  look_at_store(now);
  look_at_unreadable(now);
  report_lag(now);
  look_at_waits(now);
}

std::chrono::milliseconds Control::poll_time(TimePoint now) const {
  auto until = std::min(now + longest_poll, next_lag_report_);
  if (session_.draining()) until = std::min(until, now + drain_poll);
  if (leaving_) until = std::min(until, stop_deadline_);
  if (const auto deadline = session_.deadline()) until = std::min(until, *deadline);
  if (const auto due = start_retries_.due()) until = std::min(until, *due);
  if (looks_at_store()) until = std::min(until, next_look_);
  // A call that begins while we poll is not due before that.
  if (options_.handler_timeout.count() > 0) until = std::min(until, detail::later(now, options_.handler_timeout));
  for (const auto& worker : workers_)
    if (const auto due = worker->handler().due()) until = std::min(until, *due);
  return std::max(std::chrono::ceil<std::chrono::milliseconds>(until - now), std::chrono::milliseconds{0});
}

void Control::begin_stop() {
  const auto now = std::chrono::steady_clock::now();
  if (!std::exchange(stopping_, true)) {
    stop_deadline_ = detail::later(now, options_.stop_timeout);
    startup_.cancel();
    interrupt_.cancel();
  }
  if (abandon_) {
    const std::vector<TopicPartition> all{session_.owned().begin(), session_.owned().end()};
    core::action::Abandon abandon{all};
    perform_one(abandon);
  }
  perform(session_.on_stop(now));
}

void Control::fail(std::exception_ptr error) {
  // The first error counts; the others follow from it, mostly.
  if (!error_) error_ = std::move(error);
  stop_requested_ = true;
  client_.wake();  // the stop begins in the next step, which would wait for events first
}

// ---- librdkafka's events

void Control::on_event(const kafka::event::Assigned& event) {
  ++rebalances_;
  joining_since_.reset();
  join_trouble_.clear();
  outside_.on_sign_of_life();
  perform(session_.on_assigned(event.partitions, client_.is_incremental()));
}

void Control::on_event(const kafka::event::Revoked& event) {
  ++rebalances_;
  // Where assignments change by increments, no answer may follow for a member that loses a part.
  if (event.lost || !client_.is_incremental()) joining_since_ = std::chrono::steady_clock::now();
  if (event.lost)
    perform(session_.on_lost(event.partitions));
  else
    perform(session_.on_revoked(event.partitions, std::chrono::steady_clock::now()));
}

void Control::on_event(const kafka::event::Trouble& event) {
  startup_.on_trouble(event.code, event.text);
  outside_.on_trouble(event.code, event.text, std::chrono::steady_clock::now());
  if (joining_since_) join_trouble_ = event.text;
  notifier_->on_error(event.text);
}

void Control::on_event(const kafka::event::Fatal& event) {
  if (event.code != RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL)
    throw KafkaError{event.code, fmt::format("the consumer cannot go on: {}", event.text)};
  if (std::exchange(is_asking_why_, true)) return;  // repeated with each try to join
  background_.post([this, event] {
    const auto strategy = starts_.strategy();
    throw KafkaError{event.code, fmt::format("the consumer cannot go on: {}{}", event.text,
                                             strategy.empty() ? "" : fmt::format(". They use \"{}\"", strategy))};
  });
}

void Control::on_event(const kafka::event::Log& event) { notifier_->on_log(event.level, event.text); }

// ---- messages of the other threads

void Control::on_message(message::Ready) {
  if (stopping_) return;
  is_ready_ = true;
  outside_.on_sign_of_life();
  if (options_.partitions.empty())
    subscribe_now();
  else
    perform(session_.on_assigned(options_.partitions, false));
}

void Control::on_message(message::Subscribe& message) {
  topics_ = std::move(message.topics);
  if (is_ready_ && !stopping_) subscribe_now();
}

void Control::subscribe_now() {
  client_.subscribe(topics_);
  outside_.forget_topics();
  if (rebalances_ == 0 && !joining_since_) joining_since_ = std::chrono::steady_clock::now();
  if (client_.matches_whole_names())
    for (const auto& topic : topics_)
      if (kafka::matches_beginnings(topic))
        notifier_->on_log(LogLevel::warning,
                          fmt::format("the pattern \"{0}\" has to match a topic's whole name, since group.protocol is "
                                      "\"consumer\"; for topics whose names begin so, write \"{0}.*\"",
                                      topic));
}

void Control::on_message(message::Loaded& message) {
  on_starts(message.ticket, message.starts, std::chrono::steady_clock::now());
  perform(session_.on_loaded(message.ticket, std::move(message.starts.known)));
}

void Control::on_message(message::Reloaded& message) {
  on_starts(message.ticket, message.starts, std::chrono::steady_clock::now());
  for (const auto& start : message.starts.known) perform(session_.on_reloaded(message.ticket, start));
}

/// What could not be told is asked again, as long as somebody wants to know.
void Control::on_starts(std::uint64_t ticket, const core::Starts& starts, TimePoint now) {
  for (const auto& start : starts.known) {
    start_retries_.on_closed({ticket, start.partition});
    open_starts_.erase(start.partition);
  }
  std::map<std::pair<std::string, std::chrono::milliseconds>, std::vector<TopicPartition>> open;
  for (const auto& [partition, why] : starts.open) {
    const core::StartRetries::Question question{ticket, partition};
    if (session_.is_loading(ticket, partition) || session_.is_reloading(ticket, partition)) {
      open[{why, start_retries_.on_open(question, now)}].push_back(partition);
      open_starts_[partition] = why;
    } else
      start_retries_.on_closed(question);
  }
  for (const auto& [trouble, partitions] : open)
    notifier_->on_error(fmt::format(
        "Kafka cannot tell yet where {} {}: {}. Kafka is asked again in {} ms; other partitions are read "
        "meanwhile",
        names_of(partitions), partitions.size() == 1 ? "starts" : "start", trouble.first, trouble.second.count()));
}

void Control::ask_again(TimePoint now) {
  std::map<std::uint64_t, std::vector<TopicPartition>> loads;
  for (const auto& question : start_retries_.take_due(now)) {
    const auto& [ticket, partition] = question;
    if (session_.is_loading(ticket, partition)) {
      loads[ticket].push_back(partition);
    } else if (session_.is_reloading(ticket, partition)) {
      core::action::Reload again{ticket, partition};
      perform_one(again);
    } else {
      start_retries_.on_closed(question);
    }
  }
  for (auto& [ticket, partitions] : loads) {
    core::action::Load again{ticket, std::move(partitions)};
    perform_one(again);
  }
}

void Control::on_message(message::Looked& message) {
  is_looking_ = false;
  if (message.stored.empty()) return;
  const std::span stored{message.stored};
  std::size_t begin = 0;
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    const auto& resting = message.resting[i];
    const auto moved = workers_[i]->reader().park_moved(resting, stored.subspan(begin, resting.size()));
    begin += resting.size();
    TIDEMARK_EXPECTS(begin <= stored.size());
    for (const auto& conflict : moved) {
      const auto& claim = *core::claim_on(resting, conflict.partition);
      notifier_->on_conflict({conflict, claim.range});
      message::Parked parked{conflict.partition, claim.range.from, std::nullopt};
      on_message(parked);
    }
  }
}

void Control::on_message(message::Found& message) { outside_.on_found(message.found); }

void Control::on_message(message::Released& message) {
  for (const auto& partition : message.partitions) {
    if (still_in_hand_.erase(partition) > 0 && !session_.owned().contains(partition)) release(partition);
    perform(session_.on_drained(partition));
  }
}

void Control::on_message(message::Failed& message) { fail(message.error); }

void Control::on_message(message::BackgroundFailed& message) {
  if (!stopping_) fail(message.error);
}

// ---- what the time brings

/// A handler that is asked in vain keeps its thread. Its partitions go to others all the same, and nothing of them is committed.
void Control::look_at_handlers(TimePoint now) {
  for (auto& worker : workers_) {
    const auto overdue = worker->look_at_handler(now);
    if (!overdue) continue;
    notifier_->on_handler_timeout({overdue->ranges, overdue->handler_time, overdue->is_given_up});
    if (!overdue->is_given_up || stopping_) continue;
    core::action::Abandon abandon;
    for (const auto& position : worker->positions()) abandon.partitions.push_back(position.partition);
    perform_one(abandon);
    fail(std::make_exception_ptr(
        HandlerTimeoutError{fmt::format("the handler did not return within {} ms, nor within {} ms after its "
                                        "stop_token was set: its partitions are given up. Make it "
                                        "heed Batch::stop_token(), or raise ConsumerOptions::handler_timeout or "
                                        "handler_grace_period",
                                        options_.handler_timeout.count(), options_.handler_grace_period.count())}));
  }
}

/// Only what rests is asked for: what is in flight meets a change at its commit.
void Control::look_at_store(TimePoint now) {
  if (!looks_at_store() || now < next_look_) return;
  next_look_ = detail::later(now, options_.store_poll_interval);
  std::vector<std::vector<core::Claim>> resting;
  std::vector<TopicPartition> partitions;
  for (auto& worker : workers_) {
    const auto& of_worker = resting.emplace_back(worker->reader().resting());
    for (const auto& claim : of_worker) partitions.push_back(claim.range.partition);
  }
  if (partitions.empty()) return;
  is_looking_ = true;
  background_.post([this, resting = std::move(resting), partitions = std::move(partitions)] {
    mailbox_.post(message::Looked{resting, starts_.look(partitions)});
  });
}

void Control::report_lag(TimePoint now) {
  if (now < next_lag_report_) return;
  next_lag_report_ = detail::later(now, options_.lag_interval);
  tell_lag(progress_report(published_, client_));
  unreadable_.for_each([this](const TopicPartition& partition, const auto& parked) { tell_of(partition, parked); });
}

/// That no partition is left is told once: an exporter would go on with what it heard last.
void Control::tell_lag(std::span<const PartitionProgress> report) {
  if (!report.empty() || has_told_lag_) notifier_->on_lag(report);
  has_told_lag_ = !report.empty();
}

}  // namespace tidemark::engine
