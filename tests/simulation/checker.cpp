#include "checker.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "texts.hpp"

namespace simulation {

using namespace std::chrono_literals;
using tidemark::OffsetRange;
using tidemark::TopicPartition;

void Checker::report(const std::string& kind, const std::string& text) {
  if (scheduler_.is_halted()) return;  // by the first: what follows from it says nothing
  tell("ANOMALY {}: {}", kind, text);
  anomalies_.push_back({kind, fmt::format("at {} ms: {}", scheduler_.now() / 1ms, text)});
}

Checker::Given Checker::given(const tidemark::Record<>& record) {
  return {{record.topic(), record.partition()}, *reinterpret_cast<const Payload*>(record.value().data())};
}

Checker::Records Checker::records_of(const tidemark::detail::BatchView& batch) {
  Records records;
  records.reserve(batch.records.size());
  for (const auto& record : batch.records) records.push_back(given(tidemark::Record<>{record}));
  return records;
}

Run& Checker::run_of(const Process& process) {
  return **std::ranges::find(runs_, &process, [](const Run* run) { return &run->process; });
}

Checker::Handler& Checker::add_handler(Run& run) { return handlers_.emplace_back(run); }

void Checker::on_session(Run& run, const tidemark::GroupSession& session) {
  run.client = session.consumer;
  if (session.group != "group") report("cross-talk", fmt::format("the store is asked for group {}", session.group));
}

bool Checker::is_zombie(const Run& run, const TopicPartition& partition) {
  if (plan_.is_explicit) return false;
  const auto& client = *run.client;
  // What it was asked to give up it may finish, until it has answered.
  const bool may_finish = client.has().contains(partition) || client.is_asked_to_give();
  return client.is_out() || !may_finish || !cluster_.coordinator().is_owner(&client, partition);
}

// ---- batches

void Checker::on_batch(Handler& handler, const tidemark::detail::BatchView& batch) {
  auto& run = handler.run;
  if (run.process.is_dead) return;
  for (const auto& range : batch.ranges)
    tell("{} handles {}, attempt {}", run.process.number, text_of(range), batch.attempt);
  scheduler_.note(batch.records.size() * 1'000'003 + static_cast<std::uint64_t>(batch.ranges.front().until));
  std::map<TopicPartition, Records> records;
  for (const auto& record : records_of(batch)) records[record.partition].push_back(record);
  // A batch that just met the news of a conflict is void, and not counted by the consumer.
  const std::size_t slack = run.had_conflict ? 1 : 0;
  if (batch.attempt == 1 && !run.client->is_asked_to_give() && unsettled(handler) >= plan_.max_uncommitted + slack)
    report("excess duplicate", fmt::format("process {} handles a batch though {} before it are not committed",
                                           run.process.number, handler.uncommitted.size()));
  handler.in_hand.assign(batch.ranges.begin(), batch.ranges.end());
  handler.last_call = std::exchange(handler.call, {handler.in_hand, scheduler_.now()});
  for (const auto& range : batch.ranges) {
    auto& view = run.views[range.partition];
    auto* log = cluster_.find(range.partition);
    if (log == nullptr) {
      report("cross-talk", "a batch of " + text_of(range));
      continue;
    }
    if (std::exchange(view.is_handled_now, true))
      report("order inversion",
             fmt::format("process {} handles {} in two places at once", run.process.number, text_of(range.partition)));
    check_chain(view, range, batch.attempt);
    check_inside(*log, range, records[range.partition]);
    records.erase(range.partition);
  }
  for (const auto& [partition, those] : records)
    report("cross-talk", fmt::format("records of {} in a batch that does not cover them", text_of(partition)));
}

/// What was given up is void before that is told.
std::size_t Checker::unsettled(const Handler& handler) const {
  return static_cast<std::size_t>(std::ranges::count_if(handler.uncommitted, [&](const auto& ranges) {
    return std::ranges::any_of(
        ranges, [&](const OffsetRange& range) { return handler.run.client->has_assigned(range.partition); });
  }));
}

void Checker::check_chain(Run::View& view, const OffsetRange& range, int attempt) {
  const auto position = view.position;
  const bool is_repeated = attempt > 1 && view.last == range;
  view.last = range;
  view.position = range.until;
  view.put_back.reset();
  if (is_repeated || position == range.from) return;
  auto& log = *cluster_.find(range.partition);
  // What lies between without a record may have been committed before.
  const bool is_new_start =
      view.may_start_anywhere || std::ranges::any_of(view.may_start_at, [&](std::int64_t start) {
        return start == range.from || (start < range.from && log.readable(start, range.from) == log.entries.end());
      });
  if (is_new_start) {
    view.may_start_at.clear();
    view.may_start_anywhere = false;
    view.is_refused = false;
    return;
  }
  if (!position) {
    report("silent reset", fmt::format("a batch begins with {}, which the store never said", text_of(range)));
  } else if (range.from < *position) {
    report("order inversion", fmt::format("{} comes after {}", text_of(range), *position));
  } else if (const auto skipped =
                 std::find_if(log.at(*position), log.at(range.from),
                              [](const Entry& entry) { return !entry.is_gone && !entry.is_excused && !entry.is_dead; });
             skipped != log.at(range.from)) {
    report("skip between batches",
           fmt::format("{} comes after {}, and {} never", text_of(range), *position, skipped->offset));
  }
}

void Checker::check_inside(Log& log, const OffsetRange& range, const Records& records) {
  // Of a range without records nobody can tell whether it was read before the topic was made anew.
  if (log.incarnation > 0 && records.empty()) return;
  auto next = range.from;
  if (range.until < range.from) next = records.empty() ? range.until : records.front().payload.offset;
  const auto must_be_none = [&](std::int64_t from, std::int64_t until) {
    for (auto entry = log.readable(from, until); entry != log.entries.end();
         entry = log.readable(entry->offset + 1, until))
      if (!entry->is_excused)
        return report("skip inside a batch", fmt::format("{} does not hold {}", text_of(range), entry->offset));
  };
  bool is_current = true;
  std::int64_t last = -1;
  for (const auto& [partition, payload] : records) {
    if (log.find(payload.incarnation, payload.offset) == nullptr)
      report("aborted read", fmt::format("{} of {} was never committed", payload.offset, text_of(log.name)));
    is_current = is_current && payload.incarnation == log.incarnation;
    if (payload.offset <= last)
      report("order inversion", fmt::format("{} after {} in {}", payload.offset, last, text_of(range)));
    if (payload.offset >= range.until || (payload.offset < range.from && range.from <= range.until))
      report("commit ahead", fmt::format("{} lies outside of its range, {}", payload.offset, text_of(range)));
    if (is_current) must_be_none(next, payload.offset);
    last = payload.offset;
    next = payload.offset + 1;
  }
  if (is_current) must_be_none(next, range.until);
}

void Checker::on_batch_end(Handler& handler, const tidemark::detail::BatchView& batch, bool is_handled) {
  auto& run = handler.run;
  if (run.process.is_dead) return;
  for (const auto& range : batch.ranges) run.views[range.partition].is_handled_now = false;
  check_time(handler);
  tell("{} {}", run.process.number, is_handled ? "has handled it" : "gave it up");
  if (!is_handled) {
    // It, or a part of it, may be handed over again from its beginning.
    for (const auto& range : batch.ranges)
      if (auto& view = run.views[range.partition]; view.position == range.until) {
        view.position = range.from;
        view.put_back = range;
      }
    return;
  }
  if (plan_.is_transactional) return;
  const auto records = records_of(batch);
  // What was lost meanwhile is void, even if the partition has come back since, or its topic is another one by now.
  for (const auto& range : batch.ranges)
    if (run.views[range.partition].is_refused || std::ranges::find(handler.in_hand, range) == handler.in_hand.end())
      allow_repeats(records, range.partition);
  on_handled(run, records);
  if (!handler.in_hand.empty()) handler.uncommitted.push_back(handler.in_hand);
}

void Checker::allow_repeats(const Records& records, const TopicPartition& of) {
  for (const auto& [partition, payload] : records)
    if (auto* entry = partition == of ? cluster_.find(partition)->find(payload.incarnation, payload.offset) : nullptr)
      ++entry->repeats_allowed;
}

/// Somebody noticed that it took too long. Whoever is about to end has other cares.
void Checker::check_time(const Handler& handler) {
  const auto& run = handler.run;
  const bool is_ending =
      run.stop_asked || run.is_to_be_destroyed || run.had_fatal || run.had_throw || run.had_store_trouble;
  if (plan_.handler_timeout.count() == 0 || handler.call.is_found_late || is_ending || run.thawed > handler.call.began)
    return;
  if (const auto took = scheduler_.now() - handler.call.began; took > plan_.handler_timeout + 1s)
    report("stuck",
           fmt::format("a handler of process {} took {} ms, and nobody noticed", run.process.number, took / 1ms));
}

void Checker::on_handled(Run& run, const Records& records) {
  for (const auto& [partition, payload] : records) {
    auto* entry = cluster_.find(partition)->find(payload.incarnation, payload.offset);
    if (entry == nullptr) continue;
    ++(entry->handled == 0 ? handled_ : repeated_);
    ++entry->handled;
    if (!plan_.is_transactional && is_zombie(run, partition)) ++entry->repeats_allowed;
    if (entry->handled <= 1 + entry->repeats_allowed) continue;
    report(plan_.is_transactional ? "duplicate effect" : "excess duplicate",
           fmt::format("{} {} was handled {} times, where {} can be explained", text_of(partition), payload.offset,
                       entry->handled, 1 + entry->repeats_allowed));
  }
}

}  // namespace simulation
