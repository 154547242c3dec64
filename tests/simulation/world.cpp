#include "world.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace simulation {

using namespace std::chrono_literals;

World::World(const Plan& plan, bool is_verbose)
    : plan_{plan},
      scheduler_{plan.seed, plan.preemption},
      cluster_{scheduler_, plan.group, plan.librdkafka},
      checker_{plan, scheduler_, cluster_, stored_},
      store_{plan, scheduler_, checker_, stored_},
      wanted_{plan.members} {
  scheduler_.is_verbose = is_verbose;
  current_ = this;
  tidemark::core::set_assertion_listener(on_broken);
  cluster_.coordinator().on_removed = [this](const Client& client) { checker_.on_disturbed(client); };
  cluster_.on_gone = [this](const Client& client) {
    for (auto& run : runs_)
      if (run->client == &client) run->client = nullptr;
  };
  cluster_.on_silent = [this](const Client& client) {
    for (const auto& run : runs_)
      if (run->client == &client)
        checker_.report("silent",
                        fmt::format("process {} sends no heartbeats, its clock was set back", run->process.number));
  };
  for (std::size_t topic = 0; topic < plan.topics; ++topic)
    for (std::size_t i = 0; i < plan.partitions; ++i) cluster_.add_partition("topic-" + std::to_string(topic));
}

World::~World() { current_ = nullptr; }

void World::on_broken(const tidemark::core::BrokenAssertion& broken) {
  const auto kind = broken.number > 0 ? fmt::format("{} {}", broken.kind, broken.number) : std::string{broken.kind};
  const std::string_view file{broken.file};
  const auto folder = file.rfind("src/");
  const auto text = fmt::format("{}, at {}:{}", broken.condition,
                                folder == std::string_view::npos ? file : file.substr(folder), broken.line);
  current_->checker_.report(kind, text);
  current_->scheduler_.halt();
  if (Scheduler::thread() != nullptr) current_->scheduler_.wait(&broken);
  // In an event nothing can be left half done: the seed ends the program.
  fmt::print("  {}: {}\n", kind, text);
  std::fflush(stdout);
}

World::Result World::run() {
  const auto live_before = Handles::live;
  const auto stuck_before = Handles::stuck_clients;
  for (std::size_t i = 0; i < plan_.backlog; ++i) produce_one();
  if (plan_.begins_without_leader) lose_leader(cluster_.logs().begin()->second);
  for (std::size_t i = 0; i < plan_.members; ++i) start_member();
  scheduler_.after(1ms, [this] { produce(); });
  scheduler_.after(50ms, [this] { next_fault(); });

  if (!scheduler_.run_until([this] { return is_enough(); }, 20min))
    checker_.report("inconclusive", "records or faults were left");
  heal();
  end_all();

  if (!scheduler_.run_until([this] { return is_over(); }, scheduler_.now() + 2min)) {
    checker_.report("stuck", fmt::format("a consumer does not end: {} threads are left", scheduler_.threads()));
  } else {
    checker_.check_end();
    if (Handles::live != live_before)
      checker_.report("leak", fmt::format("{} of librdkafka's things were not freed", Handles::live - live_before));
    if (Handles::stuck_clients != stuck_before)
      checker_.report("leak", "librdkafka's client was destroyed while messages of it were held");
  }
  return {checker_.anomalies(),
          checker_.handled(),
          checker_.repeated(),
          scheduler_.trace(),
          scheduler_.steps(),
          scheduler_.now(),
          faults_};
}

bool World::is_over() const {
  return std::ranges::all_of(runs_, [](const auto& run) { return run->is_over; });
}

// ---- producers

void World::produce() {
  if (is_healing_) return;
  auto& random = scheduler_.random();
  if (backlog() < 400 || scheduler_.now() > last_produced_ + 2s) {
    last_produced_ = scheduler_.now();
    for (auto left = random.between(1, 25); left > 0; --left) produce_one();
  }
  scheduler_.after(std::chrono::milliseconds{random.between(1, 60)}, [this] { produce(); });
}

void World::produce_one() {
  auto& logs = cluster_.logs();
  produce_to(std::next(logs.begin(), static_cast<std::ptrdiff_t>(scheduler_.random().below(logs.size())))->second);
}

void World::produce_everywhere() {
  if (is_ending_) return;
  for (auto& [name, log] : cluster_.logs()) produce_to(log);
}

void World::produce_to(Log& log) {
  if (!log.has_leader) return;
  auto& random = scheduler_.random();
  const auto stored = stored_.find(log.name);
  // Into a topic made anew nothing is written until it was noticed: later, nobody could tell it from the old one.
  if (log.incarnation > 0 && stored != stored_.end() && stored->second > log.end) return;
  // Aborted records, markers of transactions, and what was compacted before anybody read it.
  const bool may_have_gaps = plan_.gaps != tidemark::GapPolicy::fail;
  log.append(scheduler_.now(), may_have_gaps && random.one_in(4) ? random.between(1, 5) : 0);
  if (may_have_gaps && random.one_in(12)) log.end += random.between(1, 2);
  cluster_.notify(log);
}

std::int64_t World::backlog() {
  std::int64_t backlog = 0;
  for (const auto& [name, log] : cluster_.logs()) {
    const auto stored = stored_.find(name);
    backlog += log.end - (stored == stored_.end() ? log.start : std::max(stored->second, log.start));
  }
  return backlog;
}

// ---- the end

bool World::is_all_stored() {
  for (auto& [name, log] : cluster_.logs()) {
    const auto found = stored_.find(name);
    if (found == stored_.end() ? log.is_worth_storing() : found->second != log.end) return false;
  }
  return true;
}

void World::heal() {
  is_healing_ = true;
  checker_.tell("all is well from now on");
  store_.set_mood({});
  if (cluster_.is_down()) cluster_.come_back();
  for (auto& [name, log] : cluster_.logs()) repair(log);
  for (auto* run : alive()) {
    run->throws_due = 0;
    run->slow_until = {};
    if (run->process.is_frozen) {
      run->thawed = scheduler_.now();
      scheduler_.thaw(run->process);
      if (run->client != nullptr) cluster_.coordinator().hear(*run->client);
    }
  }
  // An operator's reset is noticed at the next commit, unless the store is looked at in between.
  if (plan_.store_poll_interval.count() == 0)
    for (const auto delay : {1s, 10s, 30s}) scheduler_.after(delay, [this] { produce_everywhere(); });
  // While the last records are waited for, and while they fill a batch.
  for (const Time delay :
       {Time{29s}, Time{30s} + Time{std::chrono::microseconds{scheduler_.random().between(500, 60'000)}}})
    scheduler_.after(delay, [this] {
      for (auto* run : alive()) step_clock(*run, -1h);
    });
  wanted_ = std::max<std::size_t>(wanted_, 1);
  keep_members();
  if (!scheduler_.run_until([this] { return is_all_stored(); }, scheduler_.now() + 3min)) checker_.check_end();
  if (plan_.store_poll_interval.count() == 0) return;
  // With nothing to commit any more, only a look at the store tells of this.
  for (int i = 0; i < 10; ++i)
    if (reset(true)) break;
  if (!scheduler_.run_until([this] { return is_all_stored(); }, scheduler_.now() + 3min)) checker_.check_end();
}

void World::end_all() {
  is_ending_ = true;
  for (auto* run : alive()) stop(*run);
  // One may just be starting.
  scheduler_.after(100ms, [this] { end_all(); });
}

}  // namespace simulation
