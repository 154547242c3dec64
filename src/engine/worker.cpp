#include "engine/worker.hpp"

#include <algorithm>
#include <utility>

#include <tidemark/error.hpp>

namespace tidemark::engine {
namespace {

/// A worker's share of the memory budget bounds its batches too.
BatchLimits limits_of(const ConsumerOptions& options) {
  auto limits = options.batch;
  limits.max_bytes =
      std::min(limits.max_bytes, std::max<std::size_t>(options.memory_budget_bytes / 4 / options.concurrency, 1));
  return limits;
}

}  // namespace

Worker::Worker(const WorkerContext& context, std::unique_ptr<detail::BatchHandler> handler)
    : context_{context},
      session_{context.options.group, context.client},
      handler_{std::move(handler)},
      reader_{context.client, limits_of(context.options), kafka::FetchWaker{context.client, context.options},
              context.mailbox, context.notifier},
      committer_{context, reader_, interrupt_} {
  if (context.options.max_uncommitted_batches > 1 && !handler_->commits())
    queue_.emplace(committer_, context.options.max_uncommitted_batches,
                   [this](std::exception_ptr error) { fail(std::move(error)); });
  thread_ = std::thread{[this] { run(); }};
}

Worker::~Worker() {
  if (!thread_.joinable()) return;
  stop();
  thread_.join();
}

void Worker::own(const core::PartitionStart& start) {
  context_.published.set(start.partition, start.stored);
  reader_.own(start);
}

std::vector<TopicPartition> Worker::drain(std::span<const TopicPartition> partitions) {
  auto drained = reader_.close(partitions);
  if (drained.size() < partitions.size()) request_stop();
  return drained;
}

std::vector<TopicPartition> Worker::abandon(std::span<const TopicPartition> partitions) {
  auto released = reader_.forget(partitions);
  if (released.size() < partitions.size()) request_stop();
  interrupt_.raise();
  return released;
}

void Worker::stop() {
  {
    const std::lock_guard lock{stop_mutex_};
    stopping_ = true;
    stop_source_.request_stop();
  }
  reader_.stop();
}

void Worker::request_stop() {
  const std::lock_guard lock{stop_mutex_};
  stop_source_.request_stop();
}

void Worker::renew_stop_token() {
  const std::lock_guard lock{stop_mutex_};
  if (stop_source_.stop_requested() && !stopping_) stop_source_ = {};
}

std::stop_token Worker::stop_token() {
  const std::lock_guard lock{stop_mutex_};
  return stop_source_.get_token();
}

bool Worker::is_stopping() {
  const std::lock_guard lock{stop_mutex_};
  return stopping_;
}

void Worker::run() noexcept {
  std::optional<BatchInHand> batch;
  try {
    while ((batch = reader_.read())) {
      deliver(*batch);
      reader_.recycle(std::move(*batch));
      renew_stop_token();
    }
  } catch (...) {
    if (queue_) queue_->flush();  // what was handled before is not handled again for this
    fail(std::current_exception());
    if (batch) reader_.recycle(std::move(*batch));
  }
}

void Worker::fail(std::exception_ptr error) noexcept {
  // Nothing that is not committed yet will be: whoever waits for that need not wait any longer.
  std::vector<TopicPartition> all;
  for (const auto& position : reader_.positions()) all.push_back(position.partition);
  auto released = reader_.forget(all);
  if (!released.empty()) context_.mailbox.post(message::Released{std::move(released)});
  context_.mailbox.post(message::Failed{std::move(error)});
}

void Worker::deliver(BatchInHand& batch) {
  if (queue_ && !queue_->wait_for_room()) return;  // it would never be committed
  StoreCall call{context_.options.store_retry, context_.notifier};
  for (int attempt = 1;; ++attempt) {
    keep_valid(batch);
    if (batch.claims().empty()) return;
    if (batch.records().empty()) return commit(batch);
    switch (handle(batch, attempt, call)) {
      case Handled::yes:
        return commit(batch);
      case Handled::committed:
        context_.notifier->on_commit({core::ranges_of(batch.claims()), call.failures() + 1, {}});
        return committer_.settle(batch.claims());
      case Handled::again:
        break;
    }
  }
}

Worker::Handled Worker::handle(BatchInHand& batch, int attempt, StoreCall& call) {
  const auto ranges = core::ranges_of(batch.claims());
  const auto token = stop_token();
  const auto began = std::chrono::steady_clock::now();
  try {
    const auto conflict = handler_->handle(session_, {batch.records(), ranges, attempt, token});
    context_.notifier->on_batch(
        {ranges, batch.records().size(), batch.bytes(), attempt, std::chrono::steady_clock::now() - began});
    if (!conflict) return handler_->commits() ? Handled::committed : Handled::yes;
    committer_.refuse(batch.claims(), *conflict);
    drop(batch, conflict->partition);
  } catch (...) {
    on_handler_error(batch, token.stop_requested(), call);
  }
  return Handled::again;
}

/// For the catch block: rethrows what ends the consumer.
void Worker::on_handler_error(BatchInHand& batch, bool was_asked_to_stop, StoreCall& call) {
  if (was_asked_to_stop) {
    context_.notifier->on_error("a batch was given up, since it had to be finished: " + current_error_text());
    return give_up(batch);
  }
  if (!handler_->commits()) throw;
  try {
    throw;
  } catch (const StoreError&) {
    // Rolled back, or its outcome is unknown: then the next try finds the offsets moved and applies nothing twice.
    call.wait_or_rethrow("the transaction failed", interrupt_);
  }
}

void Worker::commit(const BatchInHand& batch) {
  if (queue_)
    queue_->submit(batch.claims());
  else
    committer_.commit(batch.claims());
}

void Worker::drop(BatchInHand& batch, const TopicPartition& partition) {
  const auto claim = *std::ranges::find(batch.claims(), partition, [](const auto& c) { return c.range.partition; });
  batch.remove(partition);
  reader_.drop({&claim, 1});
}

/// The handler chose not to finish because it was asked to stop: what stays ours is handed over again, the rest is not committed.
void Worker::give_up(BatchInHand& batch) {
  const bool all = is_stopping();
  const std::vector<core::Claim> claims{batch.claims().begin(), batch.claims().end()};
  const auto given_up = all ? claims : reader_.leaving(claims);
  for (const auto& claim : given_up) batch.remove(claim.range.partition);
  reader_.drop(given_up);
  renew_stop_token();
}

void Worker::keep_valid(BatchInHand& batch) {
  const auto still = reader_.valid(batch.claims());
  if (still.size() == batch.claims().size()) return;
  const std::vector<core::Claim> claims{batch.claims().begin(), batch.claims().end()};
  for (const auto& claim : claims)
    if (std::ranges::find(still, claim) == still.end()) batch.remove(claim.range.partition);
}

}  // namespace tidemark::engine
