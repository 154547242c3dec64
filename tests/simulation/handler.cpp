#include "handler.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>

namespace simulation {

using namespace std::chrono_literals;

std::optional<tidemark::Conflict> Handler::handle(const tidemark::GroupSession& session,
                                                  const tidemark::detail::BatchView& batch) {
  run_.client = session.consumer;
  checker_.on_batch(watched_, batch);
  struct End {
    ~End() { checker.on_batch_end(watched, batch, is_handled); }
    Checker& checker;
    Checker::Handler& watched;
    tidemark::detail::BatchView batch;
    bool is_handled = false;
  } end{checker_, watched_, batch};
  take_time(batch);
  throw_if_due(batch);
  const auto kept = reject(batch);
  if (run_.process.is_dead) throw std::runtime_error{"the process is gone"};
  batch.rejections->store();
  std::optional<tidemark::Conflict> conflict;
  if (plan_.is_transactional) conflict = store_.transact(session, kept);
  end.batch = kept;
  end.is_handled = true;
  return conflict;
}

void Handler::throw_if_due(const tidemark::detail::BatchView& batch) {
  const auto is_poison = [&](const auto& record) { return plan_.is_poison(record.offset); };
  const bool is_due = run_.throws_due > 0;
  if (!is_due && std::ranges::none_of(batch.records, is_poison)) return;
  if (is_due) --run_.throws_due;
  run_.had_throw = true;
  throw std::runtime_error{"simulated handler failure"};
}

tidemark::detail::BatchView Handler::reject(const tidemark::detail::BatchView& batch) {
  kept_.clear();
  for (const auto& record : batch.records) {
    if (plan_.is_rejected(record.offset))
      batch.rejections->reject(record, tidemark::DeadLetterReason::rejected, "simulated", batch.attempt);
    else
      kept_.push_back(record);
  }
  auto kept = batch;
  kept.records = kept_;
  return kept;
}

void Handler::take_time(const tidemark::detail::BatchView& batch) {
  auto& random = scheduler_.random();
  Time time{std::chrono::microseconds{random.between<std::int64_t>(1, plan_.handler_time.count())}};
  if (random.one_in(50)) time *= 10;
  const auto until = scheduler_.now() + time;
  while (!run_.process.is_dead) {
    const auto now = scheduler_.now();
    const auto end = std::max(until, run_.slow_until);
    if (now >= end) return;
    if (plan_.gives_up && batch.stop_token.stop_requested()) throw std::runtime_error{"gives up, as asked"};
    scheduler_.pass(std::min<Time>(end - now, 100ms));
  }
}

}  // namespace simulation
