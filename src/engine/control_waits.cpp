// The part of Control that finds out what the consumer is doing and what it waits for.
#include <algorithm>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "engine/control.hpp"
#include "engine/partition_names.hpp"

namespace tidemark::engine {
namespace {

constexpr std::chrono::milliseconds between_looks{1000};
// A partition that is tried again shows within this whether it can be read.
constexpr std::chrono::milliseconds try_time{5000};

using Trouble = PublishedState::Trouble;
using Wait = WaitBoard::Wait;

std::vector<TopicPartition> partitions_of(std::span<const OffsetRange> ranges) {
  std::vector<TopicPartition> partitions;
  for (const auto& range : ranges) partitions.push_back(range.partition);
  return partitions;
}

}  // namespace

ConsumerPhase Control::phase() const {
  if (stopping_) return ConsumerPhase::stopping;
  if (!is_ready_) return ConsumerPhase::connecting;
  if (session_.draining()) return ConsumerPhase::draining;
  if (joining_since_) return ConsumerPhase::joining;
  if (session_.owned().empty()) return session_.is_loading() ? ConsumerPhase::loading : ConsumerPhase::standby;
  return ConsumerPhase::reading;
}

void Control::look_at_waits(TimePoint now) {
  const auto before = board_.phase();
  board_.set_phase(phase(), now);
  if (board_.phase() != before) phase_since_ = now;
  if (!session_.is_loading())
    loading_since_.reset();
  else if (!loading_since_)
    loading_since_ = now;
  if (now < next_wait_look_) return;
  next_wait_look_ = now + between_looks;
  search_outside(now);

  std::vector<Wait> waits;
  std::map<TopicPartition, Trouble> troubles;
  const auto add = [&](WaitKind kind, TimePoint since, auto&& words) {
    if (!WaitBoard::is_worth_telling(since, now)) return;
    auto& wait = waits.emplace_back(Wait{kind, since});
    words(wait);
  };
  find_outside(add);
  if (stopping_ || session_.draining()) {
    add(stopping_ ? WaitKind::stop : WaitKind::drain, phase_since_, [&](Wait& wait) {
      wait.reason = what_holds();
      wait.remedy = stopping_
                        ? fmt::format("stop_timeout ends the wait after {} ms", options_.stop_timeout.count())
                        : fmt::format("drain_timeout gives the batch up after {} ms", options_.drain_timeout.count());
    });
  } else {
    find_work(add, now);
    find_partitions(add, troubles, now);
  }
  board_.look(std::move(waits), std::move(troubles), now);
}

/// What keeps batches from being finished.
std::string Control::what_holds() const {
  for (const auto& worker : workers_)
    if (const auto busy = worker->handler().busy())
      return "the handler is at a batch of " + names_of(partitions_of(busy->ranges));
  for (const auto& worker : workers_)
    if (worker->store().since()) {
      const auto failure = worker->store().failure();
      return failure.empty() ? "a call to the offset store has not returned" : failure;
    }
  return leaving_ ? "the group is being left" : "batches are being committed";
}

void Control::search_outside(TimePoint now) {
  if (!is_ready_ || stopping_) return;
  auto search = outside_.search(now);
  if (!search) return;
  background_.post([this, search = std::move(*search)] { mailbox_.post(message::Found{startup_.look_for(search)}); });
}

template <class Add>
void Control::find_outside(const Add& add) {
  if (const auto wait = startup_.wait(); wait && !is_ready_)
    add(wait->kind, wait->since, [&](Wait& one) {
      one.place = wait->place;
      one.reason = wait->reason;
      one.remedy = wait->kind == WaitKind::brokers ? "Check ConsumerOptions::brokers and the security properties"
                   : wait->kind == WaitKind::dead_letters
                       ? "See ConsumerOptions::dead_letters"
                       : "Check that the addresses in advertised.listeners of the brokers can be reached from here";
      one.remedy += fmt::format("; connect_timeout ends the wait after {} ms", options_.connect_timeout.count());
    });
  if (!is_ready_) return;
  if (const auto& brokers = outside_.brokers())
    add(WaitKind::brokers, brokers->since, [&](Wait& wait) {
      wait.place = options_.brokers;
      wait.reason = brokers->why;
      wait.remedy = "The consumer goes on by itself once a broker is back";
    });
  if (const auto& coordinator = outside_.coordinator(); coordinator && !outside_.brokers())
    add(WaitKind::coordinator, coordinator->since, [&](Wait& wait) {
      wait.place = fmt::format("group \"{}\"", options_.group);
      wait.reason = coordinator->why;
      wait.remedy =
          "The broker that coordinates the group is away, or its advertised address can't be reached from here";
    });
  for (const auto& [topic, missing] : outside_.topics())
    add(WaitKind::topic, missing.since, [&, &name = topic](Wait& wait) {
      wait.place = fmt::format("\"{}\"", name);
      wait.reason = missing.why;
      wait.remedy = "Create the topic, correct its name, or let this user describe it";
    });
}

template <class Add>
void Control::find_work(const Add& add, TimePoint now) {
  if (joining_since_)
    add(WaitKind::group, *joining_since_, [&](Wait& wait) {
      const auto is_set_by_broker = client_.matches_whole_names();
      wait.place = fmt::format("group \"{}\"", options_.group);
      wait.reason = fmt::format(
          "the group waits for its other members: for one that ended without leaving, such as by kill -9, until its "
          "session time-out is over (session.timeout.ms, {}), and for one that does not give partitions back until its "
          "max.poll.interval.ms is{}",
          is_set_by_broker ? "set by the broker" : client_.property("session.timeout.ms") + " ms here",
          join_trouble_.empty() ? "" : "; last trouble: " + join_trouble_);
      wait.remedy =
          "Give each member a group.instance.id of its own, so that it gets its partitions back at once after a "
          "restart, or lower session.timeout.ms";
    });
  const auto add_call = [&](WaitKind kind, const CallWatch& call, std::string_view remedy) {
    const auto since = call.since();
    if (!since) return;
    add(kind, *since, [&](Wait& wait) {
      const auto failure = call.failure();
      wait.reason = failure.empty() ? "a call has not returned" : failure;
      wait.remedy = remedy;
    });
  };
  constexpr std::string_view look_at_store =
      "Look at the store; a call that fails is repeated for store_retry.give_up_after";
  add_call(WaitKind::store, starts_.watch(), look_at_store);
  for (const auto& worker : workers_) {
    add_call(WaitKind::store, worker->store(), look_at_store);
    add_call(WaitKind::dead_letters, worker->dead_letters(),
             "Look at what dead_letters writes to; a write that fails is repeated for store_retry.give_up_after");
    add_call(WaitKind::retry, worker->retry(),
             "Mend what the handler needs; see handler_retry for pauses and attempts");
    if (const auto busy = worker->handler().busy())
      add(WaitKind::handler, busy->since, [&](Wait& wait) {
        wait.place = names_of(partitions_of(busy->ranges));
        wait.reason = "it has not returned from its batch";
        wait.remedy =
            options_.handler_timeout.count() > 0
                ? fmt::format("handler_timeout asks it to finish after {} ms", options_.handler_timeout.count())
                : "Where it may hang, set handler_timeout";
      });
  }
  if (!flow_.is_paused())
    paused_since_.reset();
  else if (!paused_since_)
    paused_since_ = now;
  if (paused_since_) add(WaitKind::pause, *paused_since_, [](Wait& wait) { wait.reason = "pause() was called"; });
}

template <class Add>
void Control::find_partitions(const Add& add, std::map<TopicPartition, Trouble>& troubles, TimePoint now) {
  unreadable_.for_each_unread(now, try_time, [&](const TopicPartition& partition, const auto& parked) {
    const auto is_right = parked.obstacle.kind == core::Obstacle::Kind::forbidden;
    troubles[partition] = {is_right ? PartitionPhase::not_authorised : PartitionPhase::parked, parked.obstacle.why};
    add(is_right ? WaitKind::right : WaitKind::unreadable, parked.since, [&](Wait& wait) {
      wait.place = fmt::format("{}, offset {}", names_of({&partition, 1}), parked.obstacle.position);
      wait.reason = parked.obstacle.why;
      wait.remedy = is_right ? "It is tried again by itself"
                             : "Set the stored offset behind the batch to go on; kafka-dump-log shows where it ends";
    });
  });
  if (loading_since_) {
    const auto loading = session_.loading();
    std::string why;
    for (const auto& partition : loading) {
      const auto open = open_starts_.find(partition);
      troubles[partition] = {PartitionPhase::loading, open == open_starts_.end() ? "" : open->second};
      if (open != open_starts_.end()) why = open->second;
    }
    if (!starts_.watch().since() && !outside_.brokers())
      add(WaitKind::starts, *loading_since_, [&](Wait& wait) {
        wait.place = names_of(loading);
        wait.reason = why.empty() ? "Kafka has not answered yet" : why;
        wait.remedy = "Kafka is asked again by itself; other partitions are read meanwhile";
      });
  }
  find_lagging(add, troubles, now);
}

/// Partitions of which Kafka has records, or does not say that it has none, while nobody works on them.
template <class Add>
void Control::find_lagging(const Add& add, std::map<TopicPartition, Trouble>& troubles, TimePoint now) {
  const auto is_busy = std::ranges::any_of(workers_, [](const auto& worker) { return worker->is_busy(); });
  const auto is_explained = is_busy || flow_.is_paused() || outside_.brokers();
  std::vector<TopicPartition> lagging;
  std::optional<TimePoint> since;
  std::map<TopicPartition, Lag> still;
  for (const auto& [partition, entry] : published_.snapshot()) {
    auto end = client_.end_of(partition).value_or(-1);
    if (entry.end && end == entry.end->log_end) end = entry.end->readable_end;
    if (entry.silent_since)
      troubles.try_emplace(
          partition, Trouble{PartitionPhase::no_leader, "nothing comes of it, and no word that there is nothing"});
    if (is_explained || entry.is_parked || (end <= entry.next && !entry.silent_since)) continue;
    const auto before = lags_.find(partition);
    const auto lag = before != lags_.end() && before->second.next == entry.next
                         ? before->second
                         : Lag{entry.next, entry.silent_since.value_or(now)};
    still.emplace_hint(still.end(), partition, lag);
    if (!WaitBoard::is_worth_telling(lag.since, now)) continue;
    lagging.push_back(partition);
    if (!since || lag.since < *since) since = lag.since;
  }
  lags_ = std::move(still);
  if (!since) return;
  const auto is_limited = flow_.is_limited() || flow_.partition_limit() != RateLimit{};
  add(is_limited ? WaitKind::rate_limit : WaitKind::records, *since, [&](Wait& wait) {
    wait.place = names_of(lagging);
    wait.reason = is_limited
                      ? "limit_rate() or limit_partition_rate() holds them back, or Kafka sends nothing"
                      : "Kafka sends none of them: their leader is away, or their next batch does not get through";
    wait.remedy = is_limited ? "" : "Look at on_error and on_log, at the brokers, and at receive.message.max.bytes";
  });
}

ConsumerState Control::state() const {
  const auto now = std::chrono::steady_clock::now();
  const auto lasted = [&](TimePoint since) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(now - since);
  };
  auto content = board_.content();
  ConsumerState state{content.phase, lasted(content.since), std::move(content.waits), {}};
  std::optional<TimePoint> handling;
  for (const auto& [partition, entry] : published_.snapshot()) {
    auto& one = state.partitions.emplace_back(PartitionState{partition, PartitionPhase::reading, entry.next, {}});
    if (const auto found = content.troubles.extract(partition)) {
      one.phase = found.mapped().phase;
      one.why = std::move(found.mapped().why);
    }
    if (entry.is_parked && one.phase != PartitionPhase::not_authorised) one.phase = PartitionPhase::parked;
    if (entry.handling_since) {
      one.phase = PartitionPhase::handling;
      handling = handling ? std::min(*handling, *entry.handling_since) : *entry.handling_since;
    }
  }
  for (auto& [partition, trouble] : content.troubles)  // those that are not assigned yet
    state.partitions.push_back({partition, trouble.phase, -1, std::move(trouble.why)});
  std::ranges::sort(state.partitions, {}, &PartitionState::partition);

  const auto refine = [&](ConsumerPhase phase, TimePoint since) {
    state.phase = phase;
    state.lasted = lasted(since);
  };
  if (state.phase != ConsumerPhase::reading && state.phase != ConsumerPhase::loading) return state;
  const auto look_at_store = [&](const CallWatch& store) {
    if (const auto since = store.since(); since && !store.failure().empty())
      refine(ConsumerPhase::retrying_store, *since);
    else if (since && state.phase == ConsumerPhase::reading)
      refine(ConsumerPhase::committing, *since);
  };
  if (handling) refine(ConsumerPhase::handling, *handling);
  for (const auto& worker : workers_) {
    look_at_store(worker->store());
    if (const auto since = worker->retry().since()) refine(ConsumerPhase::handling, *since);
  }
  if (starts_.watch().since() && !starts_.watch().failure().empty()) look_at_store(starts_.watch());
  if (state.phase == ConsumerPhase::reading && flow_.is_paused()) state.phase = ConsumerPhase::paused;
  return state;
}

}  // namespace tidemark::engine
