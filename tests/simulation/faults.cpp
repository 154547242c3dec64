// The part of World that does harm.

#include <algorithm>
#include <chrono>

#include "cluster/client.hpp"
#include "world.hpp"

namespace simulation {

using namespace std::chrono_literals;

/// One after the other, spread over the records, so that each meets a load; again where there was nothing it could befall.
void World::next_fault() {
  if (faults_done_ == plan_.faults.size()) return;
  const auto due = plan_.records * (faults_done_ + 1) / (plan_.faults.size() + 2);
  const bool is_due = checker_.handled() >= due || scheduler_.now() > last_fault_ + 20s;
  if (is_due) {
    const auto fault = plan_.faults[faults_done_];
    const bool is_done = commit_fault(fault);
    if (is_done) checker_.tell("fault: {}", name_of(fault));
    if (is_done) ++faults_[fault];
    if (is_done || ++attempts_ > 400) {
      if (!is_done) checker_.report("inconclusive", std::string{name_of(fault)} + " did not happen");
      attempts_ = 0;
      last_fault_ = scheduler_.now();
      ++faults_done_;
    }
  }
  scheduler_.after(std::chrono::milliseconds{scheduler_.random().between(1, 100)}, [this] { next_fault(); });
}

bool World::commit_fault(Fault fault) {
  switch (fault) {
    case Fault::join:
    case Fault::leave:
    case Fault::crash:
    case Fault::freeze:
    case Fault::expel:
    case Fault::rebalance:
    case Fault::fatal_error:
    case Fault::destroy:
    case Fault::handler_throws:
    case Fault::handler_slow:
    case Fault::pause:
    case Fault::clock_back:
    case Fault::clock_forward:
      return commit_group_fault(fault);
    case Fault::store_outage:
    case Fault::store_fails_after:
    case Fault::store_slow:
    case Fault::reset_back:
    case Fault::reset_forward:
      return commit_store_fault(fault);
    default:
      return commit_log_fault(fault);
  }
}

bool World::commit_group_fault(Fault fault) {
  auto& random = scheduler_.random();
  if (fault == Fault::join) {
    ++wanted_;
    start_member();
    return true;
  }
  auto* run = any_member();
  if (run == nullptr || run->process.is_frozen) return false;
  switch (fault) {
    case Fault::leave:
      if (run->engine == nullptr) return false;
      if (wanted_ > 1 && random.one_in(2)) --wanted_;
      stop(*run);
      return true;
    case Fault::crash:
      kill(*run);
      return true;
    case Fault::freeze:
      freeze(*run, std::chrono::milliseconds{random.between(200, 14'000)});
      return true;
    case Fault::destroy:
      run->is_to_be_destroyed = true;
      checker_.on_disturbed(*run);
      run->had_fatal = true;
      scheduler_.wake_all(run);
      return true;
    case Fault::clock_back:
    case Fault::clock_forward:
      step_clock(*run, (fault == Fault::clock_back ? -1 : 1) * std::chrono::seconds{random.between(60, 3'600)});
      return true;
    case Fault::handler_throws:
      run->throws_due = 1;
      return true;
    case Fault::pause:
      if (run->engine == nullptr) return false;
      pause(*run, true);
      scheduler_.after(std::chrono::milliseconds{random.between(10, 9'000)}, [this, run] { pause(*run, false); });
      return true;
    case Fault::handler_slow:
      run->slow_until = scheduler_.now() + std::chrono::milliseconds{random.between(100, 15'000)};
      scheduler_.after(100ms, [this] { cluster_.coordinator().rebalance(); });
      return true;
    default:
      break;
  }
  if (run->client == nullptr) return false;
  auto& client = *run->client;
  if (fault == Fault::expel) {
    cluster_.coordinator().expel(client);
  } else if (fault == Fault::fatal_error) {
    run->had_fatal = true;
    client.report(RD_KAFKA_RESP_ERR__FATAL, true);
  } else {
    cluster_.coordinator().rebalance();
  }
  return true;
}

void World::set_mood(const Store::Mood& mood, Time time) {
  store_.set_mood(mood);
  scheduler_.after(time, [this] { store_.set_mood({}); });
}

bool World::commit_store_fault(Fault fault) {
  auto& random = scheduler_.random();
  const auto time = std::chrono::milliseconds{random.between(50, 6'000)};
  const auto often = random.between<std::size_t>(1, 4);
  switch (fault) {
    case Fault::store_outage:
      set_mood({.fails_one_in = often, .is_final = random.one_in(4)}, time);
      return true;
    case Fault::store_fails_after:
      set_mood({.fails_after_one_in = often, .is_final = random.one_in(4)}, time);
      return true;
    case Fault::store_slow:
      set_mood({.more_latency = std::chrono::milliseconds{random.between(10, 3'000)}}, time);
      return true;
    default:
      return reset(fault == Fault::reset_back);
  }
}

bool World::reset(bool back) {
  auto& random = scheduler_.random();
  auto& logs = cluster_.logs();
  auto& log = std::next(logs.begin(), static_cast<std::ptrdiff_t>(random.below(logs.size())))->second;
  const auto stored = stored_.find(log.name);
  if (stored == stored_.end() || stored->second < log.start || stored->second > log.end) return false;
  const auto room = back ? stored->second - log.start : log.end - stored->second;
  if (room < 1) return false;
  const auto by = random.between<std::int64_t>(1, std::min<std::int64_t>(room, 60));
  const auto to = stored->second + (back ? -by : by);
  checker_.on_reset(log.name, to);
  stored->second = to;
  ++resets_;
  return true;
}

void World::lose_leader(Log& log) {
  cluster_.lose_leader(log);
  scheduler_.after(std::chrono::milliseconds{scheduler_.random().between(100, 12'000)},
                   [this, &log] { cluster_.elect_leader(log); });
}

bool World::commit_log_fault(Fault fault) {
  auto& random = scheduler_.random();
  if (fault == Fault::broker_outage) {
    cluster_.go_down();
    scheduler_.after(std::chrono::milliseconds{random.between(100, 8'000)}, [this] {
      if (cluster_.is_down()) cluster_.come_back();
    });
    return true;
  }
  auto& logs = cluster_.logs();
  auto& log = std::next(logs.begin(), static_cast<std::ptrdiff_t>(random.below(logs.size())))->second;
  const auto stored = stored_.find(log.name);
  switch (fault) {
    case Fault::grow: {
      // Offsets that were given do not name a new partition. It begins at its beginning, once the topic is known.
      const auto is_known = [&](const auto& entry) { return entry.first.topic == log.name.topic; };
      if (plan_.start == Plan::Start::offsets && std::ranges::none_of(stored_, is_known)) return false;
      for (auto count = random.between(1, 2); count > 0; --count) {
        cluster_.add_partition(log.name.topic);
        const auto added = static_cast<std::int32_t>(cluster_.partitions_of(log.name.topic)) - 1;
        if (random.one_in(3)) lose_leader(*cluster_.find({log.name.topic, added}));
      }
      cluster_.coordinator().rebalance();
      return true;
    }
    case Fault::no_leader:
      if (!log.has_leader) return false;
      lose_leader(log);
      return true;
    case Fault::delete_records: {
      // Past what is stored: somebody is too late.
      const auto from = stored == stored_.end() ? log.start : stored->second;
      if (log.end - from < 2) return false;
      log.delete_until(from + random.between<std::int64_t>(1, log.end - from));
      cluster_.notify(log);
      return true;
    }
    case Fault::compact: {
      if (log.entries.size() < 10) return false;
      for (auto& entry : log.entries)
        if (random.one_in(4)) entry.is_gone = true;
      return true;
    }
    case Fault::damage:
      return damage(log);
    case Fault::truncate:
      return truncate(log);
    case Fault::remake:
      if (stored == stored_.end() || stored->second <= 0) return false;
      remake(log);
      return true;
    default:
      if (stored == stored_.end() || stored->second <= 0) return false;
      log.recreate();
      cluster_.notify(log);
      return true;
  }
}

/// A topic is made anew while handlers have their hands full, an operator sets its offset to the beginning, and by the time that anybody
/// looks up it is longer than it was: what was said of the old one looks true again.
void World::remake(Log& log) {
  auto& random = scheduler_.random();
  ++remakes_under_way_;
  const auto slow_for = std::chrono::milliseconds{random.between(200, 6'000)};
  for (auto* run : alive()) run->slow_until = scheduler_.now() + slow_for;
  scheduler_.after(std::chrono::milliseconds{random.between(1, 150)}, [this, &log] {
    const auto length = log.end;
    log.recreate();
    cluster_.notify(log);
    scheduler_.after(std::chrono::milliseconds{scheduler_.random().between(5, 150)}, [this, &log, length] {
      checker_.on_reset(log.name, 0);
      stored_[log.name] = 0;
      // Of the old topic parts may be set aside yet, and leave holes that the new one seems to fill.
      for (auto& run : runs_) run->views[log.name].may_start_anywhere = true;
      if (scheduler_.random().one_in(2)) cluster_.coordinator().rebalance();
      scheduler_.after(std::chrono::milliseconds{scheduler_.random().between(5, 150)}, [this, &log, length] {
        while (log.end < length + 20)
          log.append(scheduler_.now(),
                     plan_.gaps != tidemark::GapPolicy::fail && scheduler_.random().one_in(4) ? 2 : 0);
        for (auto& entry : log.entries) ++entry.repeats_allowed;  // who has not heard of it begins in the midst of it
        cluster_.notify(log);
        --remakes_under_way_;
      });
    });
  });
}

/// Some records that are yet to be handled can't be read, for a while.
bool World::damage(Log& log) {
  auto& random = scheduler_.random();
  const auto stored = stored_.find(log.name);
  const auto from = stored == stored_.end() ? log.start : std::max(stored->second, log.start);
  if (log.damage || log.end - from < 4) return false;
  using Kind = Log::Damage::Kind;
  const auto begin = from + random.between<std::int64_t>(0, log.end - from - 1);
  auto kind = static_cast<Kind>(random.below(4));
  if (kind == Kind::is_swallowed && plan_.gaps != tidemark::GapPolicy::fail) kind = Kind::reads_on;
  log.damage = {begin, begin + random.between<std::int64_t>(1, 10), kind};
  log.was_damaged = true;
  checker_.tell("{} [{}] is damaged from {} to {}", log.name.topic, log.name.partition, log.damage->from,
                log.damage->until);
  scheduler_.after(std::chrono::milliseconds{random.between(100, 12'000)}, [this, &log] { repair(log); });
  return true;
}

void World::repair(Log& log) {
  log.damage.reset();
  cluster_.notify(log);
}

/// Clients are told that the log was cut off, maybe below what was handled. What came in its place is what was there.
bool World::truncate(Log& log) {
  const auto stored = stored_.find(log.name);
  if (stored == stored_.end()) return false;
  const auto nearby = stored->second + scheduler_.random().between<std::int64_t>(-20, 20);
  const auto end = std::clamp(nearby, log.start, std::max(log.start, log.end));
  bool is_heard = false;
  for (auto* run : alive()) {
    if (run->client == nullptr) continue;
    const auto position = run->client->hear_of_truncation(log.name, end);
    if (!position) continue;
    is_heard = true;
    checker_.on_truncated(*run, log.name, end, *position);
  }
  return is_heard;
}

}  // namespace simulation
