#include "store.hpp"

#include <chrono>
#include <memory>
#include <utility>

#include <tidemark/error.hpp>

namespace simulation {

using tidemark::Conflict;
using tidemark::OffsetRange;
using tidemark::StoreError;

namespace {

std::optional<std::int64_t> look_up(const Store::Stored& stored, const tidemark::TopicPartition& partition) {
  const auto found = stored.find(partition);
  return found == stored.end() ? std::nullopt : std::optional{found->second};
}

}  // namespace

struct Store::Call {
  bool is_done = false;
};

void Store::call(Run& run, std::function<void()> apply) {
  auto& random = scheduler_.random();
  if (run.process.is_dead) throw StoreError{"the process is gone", StoreError::Retry::no};
  const bool fails = mood_.fails_one_in > 0 && random.one_in(mood_.fails_one_in);
  const bool fails_after = mood_.fails_after_one_in > 0 && random.one_in(mood_.fails_after_one_in);
  const auto retry = mood_.is_final && random.one_in(8) ? StoreError::Retry::no : StoreError::Retry::yes;
  const auto part = [&] {
    const auto most =
        plan_.store_latency.count() +
        std::chrono::microseconds{std::chrono::duration_cast<std::chrono::microseconds>(mood_.more_latency)}.count();
    return Time{std::chrono::microseconds{random.between<std::int64_t>(1, most)}};
  };
  const auto there = part();
  const auto back = part();
  const auto call = std::make_shared<Call>();
  const bool outlives = random.one_in(2);  // the process that sent it
  scheduler_.after(there, [&run, fails, outlives, apply = std::move(apply)] {
    if (!fails && (!run.process.is_dead || outlives)) apply();
  });
  scheduler_.after(there + back, [this, call] {
    call->is_done = true;
    scheduler_.wake_all(call.get());
  });
  while (!call->is_done) scheduler_.wait(call.get());
  if (run.process.is_dead) throw StoreError{"the process is gone", StoreError::Retry::no};
  if (!fails && !fails_after) return;
  ++failures_;
  run.had_store_trouble = true;
  throw StoreError{fails ? "simulated failure" : "simulated failure after all was done", retry};
}

Run& Store::run_of_caller() { return checker_.run_of(Scheduler::thread()->process); }

void Store::keep(std::span<const tidemark::DeadLetter> letters) {
  Checker::Records records;
  for (const auto& letter : letters) records.push_back(Checker::given(letter.record));
  call(run_of_caller(), [this, records] { checker_.on_dead_letters(records); });
}

std::vector<std::optional<std::int64_t>> Store::load(const tidemark::GroupSession& session,
                                                     std::span<const tidemark::TopicPartition> partitions) {
  auto& run = run_of_caller();
  checker_.on_session(run, session);
  // Shared with the answer on its way, which may come when the caller has gone.
  auto answer = std::make_shared<std::vector<std::optional<std::int64_t>>>();
  call(run, [this, answer, asked = std::vector(partitions.begin(), partitions.end())] {
    for (const auto& partition : asked) answer->push_back(look_up(stored_, partition));
  });
  checker_.on_loaded(run, partitions, *answer);
  return *answer;
}

std::optional<Conflict> Store::commit(const tidemark::GroupSession& session, Ranges ranges) {
  auto& run = run_of_caller();
  checker_.on_session(run, session);
  checker_.on_commit_asked(run, ranges);
  auto answer = std::make_shared<std::optional<Conflict>>();
  call(run, [this, &run, answer, asked = std::vector(ranges.begin(), ranges.end())] {
    for (const auto& range : asked) {
      const auto stored = look_up(stored_, range.partition);
      if (!stored || *stored == range.from || *stored == range.until) continue;
      *answer = Conflict{range.partition, stored};
      return;
    }
    for (const auto& range : asked) {
      const auto before = look_up(stored_, range.partition);
      stored_[range.partition] = range.until;
      checker_.on_committed(run, range, before);
    }
  });
  return *answer;
}

std::optional<Conflict> Store::transact(const tidemark::GroupSession& session,
                                        const tidemark::detail::BatchView& batch) {
  auto& run = run_of_caller();
  checker_.on_session(run, session);
  checker_.on_commit_asked(run, batch.ranges);
  auto answer = std::make_shared<std::optional<Conflict>>();
  call(run, [this, &run, answer, asked = std::vector(batch.ranges.begin(), batch.ranges.end()),
             records = Checker::records_of(batch)] {
    std::size_t applied_before = 0;
    for (const auto& range : asked) {
      const auto stored = look_up(stored_, range.partition);
      if (stored && *stored == range.until && range.from != range.until)
        ++applied_before;
      else if (stored && *stored != range.from)
        return void(*answer = Conflict{range.partition, stored});
    }
    if (applied_before == asked.size()) return;
    for (const auto& range : asked) {
      const auto stored = look_up(stored_, range.partition);
      if (stored && *stored == range.until && range.from != range.until)
        return void(*answer = Conflict{range.partition, stored});
    }
    checker_.on_handled(run, records);
    for (const auto& range : asked) {
      const auto before = look_up(stored_, range.partition);
      stored_[range.partition] = range.until;
      checker_.on_committed(run, range, before);
    }
  });
  return *answer;
}

}  // namespace simulation
