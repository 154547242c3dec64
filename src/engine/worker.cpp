#include "engine/worker.hpp"

#include <algorithm>
#include <utility>

namespace tidemark::engine {
namespace {

// What librdkafka keeps of a record beside its payload, and what a view of it takes.
constexpr std::size_t record_overhead = 512;

/// A worker's share of the memory budget bounds its batches too.
BatchLimits limits_of(const ConsumerOptions& options) {
  const auto share = options.memory_budget_bytes / 4 / options.concurrency;
  auto limits = options.batch;
  limits.max_bytes = std::min(limits.max_bytes, std::max<std::size_t>(share, 1));
  limits.max_records = std::min(limits.max_records, std::max<std::size_t>(share / record_overhead, 1));
  return limits;
}

}  // namespace

Worker::Worker(const WorkerContext& context, std::unique_ptr<detail::BatchHandler> handler)
    : context_{context},
      handler_{std::move(handler)},
      reader_{context, limits_of(context.options)},
      committer_{context, reader_, interrupt_},
      watch_{{context.options.handler_timeout, context.options.handler_grace_period}, stop_, context.published},
      delivery_{context, *handler_, reader_, committer_, queue_, stop_, watch_} {
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
  if (drained.size() < partitions.size()) stop_.request();
  return drained;
}

std::vector<TopicPartition> Worker::abandon(std::span<const TopicPartition> partitions) {
  auto released = reader_.forget(partitions);
  if (released.size() < partitions.size()) stop_.request();
  interrupt_.raise();
  delivery_.interrupt_waits();
  return released;
}

void Worker::stop() {
  stop_.close();
  reader_.stop();
}

void Worker::run() noexcept {
  std::optional<BatchInHand> batch;
  try {
    while ((batch = reader_.read())) {
      delivery_.deliver(*batch);
      reader_.recycle(std::move(*batch));
      stop_.renew();
    }
  } catch (...) {
    if (queue_) queue_->flush();  // what was handled before is not handled again for this
    fail(std::current_exception());
    if (batch) reader_.recycle(std::move(*batch));
  }
}

void Worker::fail(std::exception_ptr error) noexcept {
  has_failed_ = true;
  // Nothing that is not committed yet will be: whoever waits for that need not wait any longer.
  std::vector<TopicPartition> all;
  for (const auto& position : reader_.positions()) all.push_back(position.partition);
  auto released = reader_.forget(all);
  if (!released.empty()) context_.mailbox.post(message::Released{std::move(released)});
  context_.mailbox.post(message::Failed{std::move(error)});
}

}  // namespace tidemark::engine
