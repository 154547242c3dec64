#include "engine/delivery.hpp"

#include <algorithm>
#include <random>
#include <utility>

#include <tidemark/detail/deadline.hpp>
#include <tidemark/error.hpp>

#include "core/invariant.hpp"
#include "core/isolation.hpp"

namespace tidemark::engine {
namespace {

std::vector<core::Claim> copy_of(std::span<const core::Claim> claims) { return {claims.begin(), claims.end()}; }

}  // namespace

Delivery::Delivery(const WorkerContext& context, detail::BatchHandler& handler, BatchReader& reader,
                   Committer& committer, std::optional<CommitQueue>& queue, StopSwitch& stop, HandlerWatch& watch)
    : context_{context},
      session_{.group = context.options.group, .consumer = context.client, .stop = context.store_stop},
      handler_{handler},
      reader_{reader},
      committer_{committer},
      queue_{queue},
      stop_{stop},
      watch_{watch},
      rejections_{context, reader, interrupt_},
      record_retries_{context, rejections_},
      rejects_undecodable_{context.options.dead_letters && context.options.undecodable == UndecodablePolicy::reject} {}

void Delivery::deliver(BatchInHand& batch) {
  if (context_.options.filter) batch.keep_if(context_.options.filter);
  StoreCall call{context_.options.store_retry, context_.notifier};
  core::RetryPlan plan{context_.options.handler_retry};
  for (int attempt = 1; has_records(batch); ++attempt) {
    switch (handle({&batch, 1}, attempt, call)) {
      case Handled::yes:
        return;
      case Handled::again:
        break;
      case Handled::no:
        if (!try_again(batch, attempt, plan)) return set_aside(batch, attempt);
    }
  }
}

/// Whether the handler is to be called with what is left. Where only offsets are left they are committed.
bool Delivery::has_records(BatchInHand& batch) {
  if (queue_ && !queue_->wait_for_room()) return false;  // it would never be committed
  keep_valid(batch);
  if (batch.claims().empty()) return false;
  if (!batch.records().empty()) return true;
  commit(batch);
  return false;
}

Delivery::Handled Delivery::handle(Parts parts, int attempt, StoreCall& call) {
  auto& batch = parts.back();
  const auto ranges = core::ranges_of(batch.claims());
  TIDEMARK_EXPECTS(!batch.records().empty());
  TIDEMARK_INVARIANT(3, batch.is_covered());
  const auto token = stop_.token();
  rejections_.begin(batch.claims());
  record_retries_.begin();
  std::optional<Conflict> conflict;
  const auto began = std::chrono::steady_clock::now();
  try {
    const HandlerWatch::Call watched{watch_, ranges};
    conflict = handler_.handle(
        session_, {batch.records(), ranges, attempt, token, &rejections_, rejects_undecodable_, &record_retries_});
  } catch (...) {
    return on_failure(parts, stop_.is_requested(), call);
  }
  context_.notifier->on_batch(
      {ranges, batch.records().size(), batch.bytes(), attempt, std::chrono::steady_clock::now() - began});
  if (conflict) {
    refuse(batch, *conflict);
    return Handled::again;
  }
  TIDEMARK_INVARIANT(18, rejections_.is_empty());
  if (handler_.commits()) {
    context_.notifier->on_commit({ranges, call.failures() + 1, {}});
    committer_.settle(batch.claims());
  } else {
    commit(batch);
  }
  return Handled::yes;
}

/// For the catch block: rethrows what ends the consumer.
Delivery::Handled Delivery::on_failure(Parts parts, bool was_asked_to_stop, StoreCall& call) {
  if (rejections_.has_failed() && !reader_.valid(parts.back().claims()).empty()) throw;
  if (was_asked_to_stop) {
    context_.notifier->on_error("a batch was given up, since it had to be finished: " + current_error_text());
    give_up(parts);
    return Handled::again;
  }
  if (record_retries_.has_given_up()) throw;
  if (record_retries_.was_interrupted()) return Handled::again;
  if (handler_.commits()) {
    try {
      throw;
    } catch (const StoreError& error) {
      if (error.is_retryable()) {
        // Rolled back, or its outcome is unknown: then the next try finds the offsets moved and applies nothing twice.
        call.wait_or_rethrow("the transaction failed", interrupt_);
        return Handled::again;
      }
    } catch (...) {
    }
    // The handler's own, or what a record made of the transaction. (If the store itself is broken, nothing that follows can commit.)
  }
  failure_ = std::current_exception();
  return Handled::no;
}

/// False where it is of no use any more.
bool Delivery::try_again(BatchInHand& batch, int attempt, core::RetryPlan& plan) {
  const auto now = std::chrono::steady_clock::now();
  const auto decision = plan.after(failure_, now, std::random_device{}());
  switch (decision.next) {
    case core::RetryPlan::Next::again:
      break;
    case core::RetryPlan::Next::exhausted:
      return false;
    case core::RetryPlan::Next::fatal:
      std::rethrow_exception(failure_);
  }
  context_.notifier->on_retry({core::ranges_of(batch.claims()), attempt, decision.delay, text_of(failure_)});
  const CallWatch::Call watched{retry_, now};
  retry_.fail(text_of(failure_));
  wait(batch, detail::later(now, decision.delay));
  return true;
}

/// What is to be given up meanwhile leaves the batch at once; what stays waits on.
void Delivery::wait(BatchInHand& batch, std::chrono::steady_clock::time_point deadline) {
  while (!batch.claims().empty() && !stop_.wait_until(deadline)) {
    give_up({&batch, 1});
    keep_valid(batch);
  }
}

void Delivery::set_aside(BatchInHand& batch, int attempts) {
  if (detail::is_error_of<TransientError>(failure_)) std::rethrow_exception(failure_);  // no record is to blame
  switch (context_.options.handler_retry.when_exhausted) {
    case WhenExhausted::stop:
      std::rethrow_exception(failure_);
    case WhenExhausted::skip:
      context_.notifier->on_skip(
          {core::ranges_of(batch.claims()), batch.records().size(), attempts, text_of(failure_)});
      return commit(batch);
    case WhenExhausted::dead_letter:
      return write_off(batch, DeadLetterReason::exhausted, attempts);
    case WhenExhausted::isolate:
      return isolate(batch, attempts);
  }
}

/// All records of the batch become dead letters.
void Delivery::write_off(BatchInHand& batch, DeadLetterReason reason, int attempts) {
  rejections_.begin(batch.claims());
  const auto why = text_of(failure_);
  for (const auto& record : batch.records()) rejections_.reject(record, reason, why, attempts);
  TIDEMARK_INVARIANT(18, rejections_.size() == batch.records().size());
  try {
    rejections_.store();
  } catch (...) {
    if (!reader_.valid(batch.claims()).empty()) throw;
    return keep_valid(batch);  // somebody else's by now
  }
  commit(batch);
}

void Delivery::isolate(BatchInHand& batch, int attempts) {
  if (batch.records().size() == 1) return write_off(batch, DeadLetterReason::isolated, attempts);
  const core::RetryPlan plan{context_.options.handler_retry};
  core::Isolation isolation{attempts};
  std::size_t isolated = 0;
  std::vector<BatchInHand> parts;
  parts.push_back(std::move(batch));
  while (!parts.empty()) {
    const auto records = parts.back().records().size();
    if (isolation.step(records) == core::Isolation::Step::divide) {
      auto front = reader_.divide(parts.back(), records / 2);
      TIDEMARK_ENSURES(front.records().size() + parts.back().records().size() == records);
      parts.push_back(std::move(front));
      isolation.divided();
      continue;
    }
    const auto attempt = isolation.attempt();
    if (try_part(parts, attempt)) {
      isolation.succeeded();
    } else {
      if (plan.is_fatal(failure_) || detail::is_error_of<TransientError>(failure_)) std::rethrow_exception(failure_);
      if (!isolation.failed(parts.back().records().size())) continue;
      if (++isolated > context_.options.handler_retry.max_isolated) std::rethrow_exception(failure_);
      write_off(parts.back(), DeadLetterReason::isolated, attempt);
    }
    parts.pop_back();
  }
}

/// False where the handler threw.
bool Delivery::try_part(Parts parts, int attempt) {
  StoreCall call{context_.options.store_retry, context_.notifier};
  auto handled = Handled::again;
  while (handled == Handled::again && has_records(parts.back())) handled = handle(parts, attempt, call);
  return handled != Handled::no;
}

void Delivery::commit(const BatchInHand& batch) {
  if (queue_)
    queue_->submit(batch.claims());
  else
    committer_.commit(batch.claims());
}

/// The store refuses one of the partitions: the rest of the batch is handled without it.
void Delivery::refuse(BatchInHand& batch, const Conflict& conflict) {
  committer_.refuse(batch.claims(), conflict);
  const auto& partition = conflict.partition;
  const auto claim = *core::claim_on(batch.claims(), partition);
  batch.remove(partition);
  reader_.drop({&claim, 1});
}

/// It is not to be finished, since a stop or a revoke waits for it: what stays ours is handed over again, the rest is not committed.
void Delivery::give_up(Parts parts) {
  // Before it is found out what to give up: a request that comes in between then counts for the next look (invariant 20).
  stop_.renew();
  const bool all = stop_.is_closed();
  for (auto& part : parts) {
    const auto claims = copy_of(part.claims());
    const auto given_up = all ? claims : reader_.leaving(claims);
    for (const auto& claim : given_up) part.remove(claim.range.partition);
    reader_.drop(given_up);
  }
}

void Delivery::keep_valid(BatchInHand& batch) {
  const auto still = reader_.valid(batch.claims());
  if (still.size() == batch.claims().size()) return;
  for (const auto& claim : copy_of(batch.claims())) {
    if (std::ranges::find(still, claim) != still.end()) continue;
    batch.remove(claim.range.partition);
    reader_.drop({&claim, 1});
  }
}

}  // namespace tidemark::engine
