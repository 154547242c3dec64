#include "handler.hpp"

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
    const tidemark::detail::BatchView& batch;
    bool is_handled = false;
  } end{checker_, watched_, batch};
  take_time(batch);
  if (run_.throws_due > 0) {
    --run_.throws_due;
    run_.had_throw = true;
    throw std::runtime_error{"simulated handler failure"};
  }
  std::optional<tidemark::Conflict> conflict;
  if (plan_.is_transactional) conflict = store_.transact(session, batch);
  end.is_handled = true;
  return conflict;
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
