// The part of Checker that watches the store, and what consumers say of it.

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "checker.hpp"
#include "texts.hpp"

namespace simulation {

using namespace std::chrono_literals;
using tidemark::OffsetRange;
using tidemark::TopicPartition;

namespace {

constexpr auto no_end = std::numeric_limits<std::int64_t>::max();

}  // namespace

void Checker::on_loaded(Run& run, std::span<const TopicPartition> partitions,
                        const std::vector<std::optional<std::int64_t>>& stored) {
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    tell("{} loads {}: {}", run.process.number, text_of(partitions[i]), stored[i].value_or(-1));
    auto& view = run.views[partitions[i]];
    view.given_up.reset();
    view.fetched_before_truncation.reset();
    if (stored[i]) {
      view.may_start_at.insert(*stored[i]);
      settle(run, partitions[i], *stored[i]);
    } else {
      view.may_start_anywhere = true;
      view.found_absent.push_back(scheduler_.now());
    }
  }
}

void Checker::on_commit_asked(Run& run, Ranges ranges) {
  for (const auto& range : ranges) {
    tell("{} commits {}", run.process.number, text_of(range));
    if (range.from == range.until) continue;  // where a partition starts
    auto& view = run.views[range.partition];
    view.commit_asked = scheduler_.now();
    if (view.fetched_before_truncation && range.until > *view.fetched_before_truncation)
      report("silent reset",
             fmt::format("process {} commits {}, though its log was truncated", run.process.number, text_of(range)));
    // What was found to be good a moment ago may meet the news on its way; a frozen process has long moments.
    // A transaction that is under way is not held back: there the store's comparison alone keeps it from doing harm.
    if (!plan_.is_transactional && view.given_up && scheduler_.now() > std::max(*view.given_up, run.thawed) + 5ms)
      report("zombie commit", fmt::format("process {} commits {}, which it gave up {} ms ago", run.process.number,
                                          text_of(range), (scheduler_.now() - *view.given_up) / 1ms));
  }
}

void Checker::on_committed(Run& run, const OffsetRange& range, std::optional<std::int64_t> before) {
  tell("{} has committed {}", run.process.number, text_of(range));
  auto* log = cluster_.find(range.partition);
  if (log == nullptr) return report("cross-talk", "a commit of " + text_of(range));
  // What was set aside is settled too. (A commit from before it was assigned anew moves nobody on.)
  if (auto& view = run.views[range.partition]; view.put_back == range && view.commit_asked > view.assigned) {
    view.position = range.until;
    view.put_back.reset();
  }
  if (before && *before != range.from && *before != range.until)
    report("zombie commit", fmt::format("{} was accepted where {} was stored", text_of(range), *before));
  // Below it only where Kafka lost what there was.
  if (range.until < range.from && range.from <= log->end && log->incarnation == 0 && !log->was_truncated)
    report("commit regress", text_of(range));
  if (range.until > log->end && range.until > range.from && log->incarnation == 0)
    report("commit ahead", fmt::format("{}, where the log ends at {}", text_of(range), log->end));
  movers_[range.partition] = &run;
  known_since_.try_emplace(range.partition.topic, scheduler_.now());
  if (!before) check_first_start(run, *log, range);
  check_covered(*log, range.from, range.until);
  settle(run, range.partition, range.until);
}

void Checker::check_first_start(Run& run, Log& log, const OffsetRange& range) {
  const bool is_new = static_cast<std::size_t>(log.name.partition) >= plan_.partitions;
  if (!is_new && plan_.start == Plan::Start::earliest) return check_covered(log, 0, range.from);
  if (is_new) {
    if (range.from == range.until && begins_as_a_whole(run, log.name.topic))
      for (auto& entry : log.entries) entry.is_excused = entry.is_excused || entry.offset < range.from;
    return check_covered(log, 0, range.from);
  }
  if (log.lost_leader_at && plan_.start != Plan::Start::offsets) {
    // Its start could not be stored with those of its topic. Whoever did not see that takes it for one that was added later. Whoever did lets
    // it begin where it ended when that was decided: before it was found absent for the third time, unless it was answered at once.
    const auto& absent = run.views[log.name].found_absent;
    const bool is_late = range.from == range.until && absent.size() > 2 && plan_.start == Plan::Start::latest;
    const auto decided = is_late ? std::max(absent[2], *log.lost_leader_at) : scheduler_.now();
    if (range.from == range.until)
      for (auto& entry : log.entries)
        if (entry.time <= decided) entry.is_excused = true;
    return check_covered(log, 0, range.from);
  }
  if (plan_.start != Plan::Start::offsets && range.from != range.until)
    report("silent reset", fmt::format("the start of {} was not stored at once", text_of(range)));
  for (auto& entry : log.entries)
    if (entry.offset < range.from) entry.is_excused = true;
}

/// Nothing is stored of a topic where Kafka could not tell the start of those partitions that were there. Whoever comes then, and has not
/// asked before, cannot know which ones are new: all begin where the start policy says.
bool Checker::begins_as_a_whole(const Run& run, const std::string& topic) const {
  if (known_since_.at(topic) < scheduler_.now()) return false;
  bool was_open = false;
  for (const auto& [partition, log] : cluster_.logs()) {
    if (partition.topic != topic || static_cast<std::size_t>(partition.partition) >= plan_.partitions) continue;
    const auto view = run.views.find(partition);
    if (view != run.views.end() && view->second.found_absent.size() > 2) return false;
    was_open = was_open || log.lost_leader_at;
  }
  return was_open;
}

void Checker::check_covered(Log& log, std::int64_t from, std::int64_t until) {
  for (auto entry = log.at(from); entry != log.entries.end() && entry->offset < until; ++entry) {
    if (entry->handled > 0 || entry->is_dead || entry->is_gone || entry->is_excused) continue;
    return report("lost", fmt::format("{} {} lies below a commit, {} to {}, and is neither handled nor a dead letter",
                                      text_of(log.name), entry->offset, from, until));
  }
}

void Checker::settle(Run& run, const TopicPartition& partition, std::int64_t until) {
  for (auto& handler : handlers_) {
    if (&handler.run != &run) continue;
    if (until == no_end)  // void, though it is still being handled
      std::erase_if(handler.in_hand, [&](const OffsetRange& range) { return range.partition == partition; });
    for (auto& ranges : handler.uncommitted)
      std::erase_if(ranges, [&](const OffsetRange& range) {
        return range.partition == partition && (range.until <= until || range.until < range.from);
      });
    std::erase_if(handler.uncommitted, [](const auto& ranges) { return ranges.empty(); });
  }
}

void Checker::on_dead_letters(const Records& records) {
  for (const auto& [partition, payload] : records) {
    tell("{} {} is a dead letter", text_of(partition), payload.offset);
    auto* entry = cluster_.find(partition)->find(payload.incarnation, payload.offset);
    if (entry == nullptr) {
      report("aborted read",
             fmt::format("{} of {} is a dead letter, and was never committed", payload.offset, text_of(partition)));
      continue;
    }
    if (!plan_.may_be_dead(payload.offset))
      report("blameless", fmt::format("{} {} is a dead letter without a reason", text_of(partition), payload.offset));
    if (!std::exchange(entry->is_dead, true)) ++dead_;
  }
}

// ---- what was told

void Checker::on_skip(Run& run, Ranges ranges) {
  if (run.process.is_dead) return;
  for (const auto& range : ranges) {
    tell("{} skips {}", run.process.number, text_of(range));
    auto& log = *cluster_.find(range.partition);
    for (auto entry = log.at(range.from); entry != log.entries.end() && entry->offset < range.until; ++entry)
      entry->is_excused = true;
  }
}

void Checker::on_rebalance(Run& run, const tidemark::RebalanceEvent& event) {
  if (run.process.is_dead) return;
  using Kind = tidemark::RebalanceEvent::Kind;
  for (const auto& partition : event.partitions) {
    tell("{} {} {}", run.process.number,
         event.kind == Kind::assigned ? "was assigned"
         : event.kind == Kind::lost   ? "has lost"
                                      : "has given up",
         text_of(partition));
    auto& view = run.views[partition];
    if (event.kind == Kind::assigned) {
      view.given_up.reset();
      view.assigned = scheduler_.now();
      continue;
    }
    view.given_up = scheduler_.now();
    view.fetched_before_truncation.reset();
    if (run.client == nullptr) continue;  // it has never come so far as to load
    const bool in_time = event.kind == Kind::revoked && !run.client->is_out() && !run.had_throw &&
                         !run.had_store_trouble && !run.had_fatal &&
                         (!run.stop_asked || scheduler_.now() < *run.stop_asked + run.options.stop_timeout) &&
                         scheduler_.now() < run.client->asked_at() + run.options.drain_timeout;
    if (!in_time) on_disturbed(run, partition);
    settle(run, partition, no_end);
  }
}

void Checker::on_conflict(Run& run, const tidemark::ConflictEvent& event) {
  if (run.process.is_dead) return;
  tell("{} has a conflict: {} is stored, not {}", run.process.number, event.conflict.stored.value_or(-1),
       text_of(event.refused));
  // What it began before it lost the partition, and got it back, may come through late: a commit that it asked for, or a whole transaction.
  const auto& view = run.views[event.conflict.partition];
  const bool is_own = movers_[event.conflict.partition] == &run && view.commit_asked > view.assigned;
  if (event.refused.from == event.refused.until && is_own && !plan_.is_transactional)
    report("false alarm", "what is stored was moved by nobody else: " + text_of(event.refused));
  on_disturbed(run, event.conflict.partition);
  run.views[event.conflict.partition].is_refused = true;
  run.had_conflict = true;
  settle(run, event.conflict.partition, no_end);
}

/// What stands still for more than 30 s that no outage explains does so for no reason that the consumer knows.
void Checker::on_wait(const Run& run, const tidemark::WaitEvent& event) {
  using tidemark::WaitKind;
  if (run.process.is_dead) return;
  tell("{}: {}", run.process.number, to_string(event));
  const auto is_outside =
      event.kind == WaitKind::records || event.kind == WaitKind::starts || event.kind == WaitKind::brokers;
  const auto explained = cluster_.outages().within(scheduler_.now() - event.lasted, scheduler_.now());
  if (is_outside && event.lasted - explained > 30s)
    report("standstill", fmt::format("process {} {}", run.process.number, to_string(event)));
}

void Checker::on_handler_timeout(Run& run, const tidemark::HandlerTimeoutEvent& event) {
  if (run.process.is_dead) return;
  run.had_throw = true;  // it may throw for that
  run.was_stuck = run.was_stuck || event.given_up;
  tell("{}: the handler is too long at {}{}", run.process.number, text_of(event.ranges.front()),
       event.given_up ? ", which is given up" : "");
  const auto allowed = plan_.handler_timeout + (event.given_up ? plan_.handler_grace_period : 0ms);
  for (auto& handler : handlers_)
    for (auto* call : {&handler.call, &handler.last_call}) {
      if (&handler.run != &run || !std::ranges::equal(call->ranges, event.ranges)) continue;
      call->is_found_late = true;
      if (scheduler_.now() + 50ms >= call->began + allowed) return;  // its clock ran before we were told
    }
  // A process may freeze just when a handler is called, and be told first of the time that passed.
  if (scheduler_.now() > run.thawed + 50ms)
    report("false alarm", fmt::format("no handler of process {} takes too long", run.process.number));
}

void Checker::on_out_of_range(Run& run, const tidemark::OutOfRangeEvent& event) {
  if (run.process.is_dead) return;
  tell("{}: {} of {} is out of range, {} to {}; goes on at {}", run.process.number, event.requested,
       text_of(event.partition), event.earliest, event.end, event.restarted_at.value_or(-1));
  auto& log = *cluster_.find(event.partition);
  const bool is_truncated = log.was_truncated && event.truncated_to && event.requested > *event.truncated_to;
  if (log.incarnation == 0 && !is_truncated && event.requested >= log.start && event.requested <= log.end)
    report("silent reset",
           fmt::format("{} {} is there, but was taken for out of range", text_of(event.partition), event.requested));
  if (!event.restarted_at) {
    run.had_fatal = true;  // it ends
    return;
  }
  run.views[event.partition].fetched_before_truncation.reset();
  run.views[event.partition].may_start_at.insert(*event.restarted_at);
  if (is_truncated) allow_repeats(log, *event.restarted_at, event.requested);
  // Under the policy `latest`; under the other one there is nothing below.
  for (auto& entry : log.entries)
    if (entry.offset < *event.restarted_at) entry.is_excused = true;
}

void Checker::on_truncated(Run& run, const TopicPartition& partition, std::int64_t end, std::int64_t position) {
  tell("{} hears that {} was truncated to {}", run.process.number, text_of(partition), end);
  auto& log = *cluster_.find(partition);
  log.was_truncated = true;
  const auto stored = stored_.find(partition);
  // Only what is stored by now is surely above its position then.
  if (stored != stored_.end() && end < stored->second) run.views[partition].fetched_before_truncation = position;
}

void Checker::on_unreadable(Run& run, const tidemark::UnreadableEvent& event) {
  if (run.process.is_dead) return;
  tell("{}: {} of {} can't be read", run.process.number, event.offset, text_of(event.partition));
  if (!event.tried_again_in) run.had_fatal = true;  // it ends
  if (!cluster_.find(event.partition)->was_damaged)
    report("false alarm", fmt::format("{} {} can be read", text_of(event.partition), event.offset));
}

void Checker::on_gap(Run& run, const tidemark::GapEvent& event) {
  if (run.process.is_dead) return;
  auto& log = *cluster_.find(event.first.partition);
  const auto missed = log.readable(event.first.from, event.first.until);
  if (event.first.until <= event.first.from || event.offsets < event.first.until - event.first.from)
    report("false alarm", "no gap: " + text_of(event.first));
  else if (log.incarnation == 0 && missed != log.entries.end())
    report("false alarm", fmt::format("{} is said to be missing in {}", missed->offset, text_of(event.first)));
}

void Checker::on_disturbed(Run& run) {
  for (const auto& [partition, view] : run.views) on_disturbed(run, partition);
}

void Checker::on_disturbed(const Client& client) {
  for (auto* run : runs_)
    if (run->client == &client && !run->is_over) on_disturbed(*run);
}

void Checker::on_disturbed(Run& run, const TopicPartition& partition) {
  if (plan_.is_transactional) return;
  const auto stored = stored_.find(partition);
  const auto position = run.views[partition].position;
  auto* log = cluster_.find(partition);
  if (log != nullptr && position) allow_repeats(*log, stored == stored_.end() ? 0 : stored->second, *position);
}

void Checker::on_reset(const TopicPartition& partition, std::int64_t to) {
  tell("the operator sets {} to {}", text_of(partition), to);
  movers_[partition] = nullptr;
  auto& log = *cluster_.find(partition);
  const auto stored = stored_.find(partition);
  if (stored == stored_.end()) return;
  if (to < stored->second)
    allow_repeats(log, to, no_end);
  else
    for (auto entry = log.at(stored->second); entry != log.entries.end() && entry->offset < to; ++entry)
      entry->is_excused = true;
}

void Checker::allow_repeats(Log& log, std::int64_t from, std::int64_t until) {
  for (auto entry = log.at(from); entry != log.entries.end() && entry->offset < until; ++entry)
    ++entry->repeats_allowed;
}

void Checker::check_end() {
  for (auto& [name, log] : cluster_.logs()) {
    const auto stored = stored_.find(name);
    if (stored == stored_.end() ? log.is_worth_storing() : stored->second != log.end)
      report("stuck", fmt::format("{} ends at {}, and {} is stored", text_of(name), log.end,
                                  stored == stored_.end() ? "nothing" : std::to_string(stored->second)));
    for (const auto& entry : log.entries)
      if (entry.handled == 0 && !entry.is_dead && !entry.is_gone && !entry.is_excused) {
        report("unseen", fmt::format("{} {} was never handled", text_of(name), entry.offset));
        break;
      }
  }
}

}  // namespace simulation
