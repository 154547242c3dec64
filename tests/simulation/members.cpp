// The part of World that starts, ends and watches the members.

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include <tidemark/error.hpp>

#include "dead_letters.hpp"
#include "handler.hpp"
#include "observer.hpp"
#include "world.hpp"

namespace simulation {

using namespace std::chrono_literals;

Run& World::start_member() {
  auto& run = *runs_.emplace_back(std::make_unique<Run>(static_cast<int>(runs_.size()) + 1));
  checker_.add(run);
  run.options = plan_.options(scheduler_.random());
  run.options.dead_letters = std::make_shared<DeadLetters>(store_);
  run.options.observer = std::make_shared<Observer>(checker_, run);
  switch (plan_.start) {
    case Plan::Start::earliest:
      break;
    case Plan::Start::latest:
      run.options.start = tidemark::start::Latest{};
      break;
    case Plan::Start::timestamp:
      run.options.start = tidemark::start::Timestamp{std::chrono::system_clock::now()};
      break;
    case Plan::Start::offsets: {
      tidemark::start::Offsets offsets;
      for (const auto& [name, log] : cluster_.logs())
        if (static_cast<std::size_t>(name.partition) < plan_.partitions) offsets.next[name] = log.start;
      run.options.start = offsets;
      break;
    }
  }
  scheduler_.spawn(run.process, [this, &run] { live(run); });
  return run;
}

void World::live(Run& run) {
  run.engine = std::make_unique<tidemark::detail::Engine>(
      run.options, store_, std::make_unique<HandlerFactory>(plan_, scheduler_, checker_, store_, run));
  run.engine->start([this, &run](std::exception_ptr error) {
    run.is_ended = true;
    run.error = std::move(error);
    scheduler_.wake_all(&run);
  });
  while ((!run.is_ended && !run.is_to_be_destroyed) || run.stoppers > 0) scheduler_.wait(&run);
  const bool is_cut_short = !run.is_ended && !run.process.is_dead;
  run.engine.reset();
  if (is_cut_short) checker_.on_disturbed(run);
  on_end(run);
}

void World::on_end(Run& run) {
  run.is_over = true;
  checker_.tell("{} is over", run.process.number);
  if (run.process.is_dead) return;
  if (run.error) check_reason(run, run.error);
  if (run.error) checker_.on_disturbed(run);
  if (run.stop_asked && !run.is_to_be_destroyed) {
    // A question to a broker may add 5 s, and leaving 1 s; the rest is what a handler or the store took.
    const auto took = scheduler_.now() - *run.stop_asked;
    if (took > run.options.stop_timeout + 6s + 25s)
      checker_.report("stuck", fmt::format("process {} took {} ms to stop", run.process.number, took / 1ms));
  }
  scheduler_.after(std::chrono::milliseconds{scheduler_.random().between(1, 1'500)}, [this] { keep_members(); });
}

/// A consumer ends with an error only for something that was done to it.
void World::check_reason(const Run& run, const std::exception_ptr& error) {
  const auto unexplained = [&](const std::exception& why) {
    checker_.report("unexplained end", fmt::format("process {}: {}", run.process.number, why.what()));
  };
  try {
    std::rethrow_exception(error);
  } catch (const tidemark::UnreadableError& why) {
    if (plan_.unreadable != tidemark::UnreadablePolicy::fail || !cluster_.find(why.partition())->was_damaged)
      unexplained(why);
  } catch (const tidemark::GapError& why) {
    if (plan_.gaps != tidemark::GapPolicy::fail || !cluster_.find(why.gap().partition)->was_damaged) unexplained(why);
  } catch (const tidemark::KafkaError& why) {
    if (!run.had_fatal) unexplained(why);
  } catch (const tidemark::HandlerTimeoutError& why) {
    if (!run.was_stuck) unexplained(why);
  } catch (const tidemark::StoreError& why) {
    if (!run.had_store_trouble) unexplained(why);
  } catch (const tidemark::OffsetError& why) {
    const auto& log = *cluster_.find(why.partition());
    if (plan_.out_of_range != tidemark::OutOfRangePolicy::fail ||
        (log.start == 0 && log.incarnation == 0 && !log.was_truncated))
      return unexplained(why);
    // The operator says where to go on; where nothing is stored, the next start does.
    if (!stored_.contains(why.partition())) return;
    const auto to = std::clamp(stored_[why.partition()], log.start, log.end);
    checker_.on_reset(why.partition(), to);
    stored_[why.partition()] = to;
  } catch (const std::exception& why) {
    if (!run.had_throw) unexplained(why);
  }
}

void World::stop(Run& run) {
  if (run.stop_asked || run.engine == nullptr || run.is_ended) return;
  checker_.tell("{} is asked to stop", run.process.number);
  run.stop_asked = scheduler_.now();
  ++run.stoppers;
  scheduler_.spawn(run.process, [this, &run] {
    run.engine->stop();
    --run.stoppers;
    scheduler_.wake_all(&run);
  });
}

void World::pause(Run& run, bool paused) {
  if (run.engine == nullptr || run.is_ended || run.is_to_be_destroyed) return;
  checker_.tell("{} is {}", run.process.number, paused ? "paused" : "resumed");
  ++run.stoppers;
  scheduler_.spawn(run.process, [this, &run, paused] {
    run.engine->pause(paused);
    --run.stoppers;
    scheduler_.wake_all(&run);
  });
}

void World::kill(Run& run) {
  checker_.tell("{} is killed", run.process.number);
  checker_.on_disturbed(run);
  if (run.client != nullptr) cluster_.coordinator().miss(*run.client);
  if (run.process.is_frozen) scheduler_.thaw(run.process);
  run.process.is_dead = true;
  run.is_to_be_destroyed = true;
  scheduler_.wake_all(&run);
  scheduler_.after(std::chrono::milliseconds{scheduler_.random().between(1, 3'000)}, [this] { keep_members(); });
}

/// By NTP, say. A wait until a time of that clock ends at once when the clock is set forward.
void World::step_clock(Run& run, Time by) {
  checker_.tell("the wall clock of {} is set by {} s", run.process.number, by / 1s);
  run.process.wall_offset += by;
  if (run.client == nullptr) return;
  if (by < Time{0}) return run.client->oversleep(-by);
  run.client->main_queue()->yield();
}

void World::freeze(Run& run, Time time) {
  if (run.client != nullptr) run.client->wake_up();
  checker_.tell("{} is frozen for {} ms", run.process.number, time / 1ms);
  checker_.on_disturbed(run);
  scheduler_.freeze(run.process);
  if (run.client != nullptr) cluster_.coordinator().miss(*run.client);
  scheduler_.after(time, [this, &run] {
    if (!run.process.is_frozen) return;
    run.thawed = scheduler_.now();
    scheduler_.thaw(run.process);
    if (run.client != nullptr && !run.is_over) cluster_.coordinator().hear(*run.client);
  });
}

void World::keep_members() {
  if (is_ending_) return;
  for (auto count = alive().size(); count < wanted_; ++count) start_member();
}

std::vector<Run*> World::alive() const {
  std::vector<Run*> alive;
  for (const auto& run : runs_)
    if (!run->is_over && !run->is_ended && !run->is_to_be_destroyed && !run->process.is_dead && !run->stop_asked)
      alive.push_back(run.get());
  return alive;
}

Run* World::any_member() {
  const auto all = alive();
  return all.empty() ? nullptr : all[scheduler_.random().below(all.size())];
}

}  // namespace simulation
