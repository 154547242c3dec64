#pragma once

#include <atomic>
#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <thread>
#include <vector>

#include <tidemark/detail/batch_handler.hpp>
#include <tidemark/options.hpp>

#include "engine/batch_reader.hpp"
#include "engine/commit_queue.hpp"
#include "engine/committer.hpp"
#include "engine/delivery.hpp"
#include "engine/handler_watch.hpp"
#include "engine/interrupt.hpp"
#include "engine/stop_switch.hpp"
#include "engine/worker_context.hpp"

namespace tidemark::engine {

/// A thread that reads batches of its partitions, hands each to the handler, and commits it: before it handles the next, or, with
/// `max_uncommitted_batches`, while it does.
///
/// Thread safety: the control thread's functions by that one.
class Worker {
 public:
  Worker(const WorkerContext& context, std::unique_ptr<detail::BatchHandler> handler);
  ~Worker();

  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void own(const core::PartitionStart& start);
  /// All were taken off Kafka. Returns where those but this one are to be put back.
  std::vector<core::PartitionStart> forward_all_but(std::span<const core::PartitionStart> moved) {
    return reader_.forward_all_but(moved);
  }
  /// Returns those that are drained at once; the others will be Released.
  std::vector<TopicPartition> drain(std::span<const TopicPartition> partitions);
  /// Returns those that nothing is in hand of; the others will be Released.
  std::vector<TopicPartition> abandon(std::span<const TopicPartition> partitions);
  std::vector<core::PartitionStart> positions() { return reader_.positions(); }
  BatchReader& reader() { return reader_; }

  const HandlerWatch& handler() const { return watch_; }
  const CallWatch& store() const { return committer_.watch(); }
  const CallWatch& dead_letters() const { return delivery_.dead_letters(); }
  const CallWatch& retry() const { return delivery_.retry(); }
  /// Whether it has something to do other than to wait for records.
  bool is_busy() const { return handler().busy() || store().since() || dead_letters().since() || retry().since(); }
  std::optional<HandlerWatch::Overdue> look_at_handler(HandlerWatch::TimePoint now) { return watch_.look(now); }

  /// It owns nothing any more, and ends the consumer.
  bool has_failed() const { return has_failed_; }

  /// The flow has changed.
  void look_at_flow() { reader_.look_at_flow(); }

  /// Ends the thread once the batch in hand is done with; the handler's stop_token is set.
  void stop();
  void join() { thread_.join(); }

 private:
  void run() noexcept;
  void fail(std::exception_ptr error) noexcept;

  WorkerContext context_;
  std::atomic<bool> has_failed_ = false;
  std::unique_ptr<detail::BatchHandler> handler_;
  BatchReader reader_;
  Interrupt interrupt_;
  Committer committer_;
  StopSwitch stop_;
  HandlerWatch watch_;
  std::optional<CommitQueue> queue_;  // where commits overlap with handling
  Delivery delivery_;
  std::thread thread_;
};

}  // namespace tidemark::engine
