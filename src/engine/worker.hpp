#pragma once

#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <thread>
#include <vector>

#include <tidemark/detail/batch_handler.hpp>
#include <tidemark/options.hpp>

#include "engine/batch_reader.hpp"
#include "engine/commit_queue.hpp"
#include "engine/committer.hpp"
#include "engine/interrupt.hpp"
#include "engine/store_call.hpp"
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
  std::vector<core::PartitionStart> forward_all_but(const TopicPartition& partition) {
    return reader_.forward_all_but(partition);
  }
  /// Returns those that are drained at once; the others will be Released.
  std::vector<TopicPartition> drain(std::span<const TopicPartition> partitions);
  /// Returns those that nothing is in hand of; the others will be Released.
  std::vector<TopicPartition> abandon(std::span<const TopicPartition> partitions);
  std::vector<core::PartitionStart> positions() { return reader_.positions(); }

  /// Ends the thread once the batch in hand is done with; the handler's stop_token is set.
  void stop();
  void join() { thread_.join(); }

 private:
  enum class Handled {
    yes,
    committed,  ///< In the handler's own transaction.
    again,      ///< Call it again, with what is left of the batch.
  };

  void run() noexcept;
  void fail(std::exception_ptr error) noexcept;
  void deliver(BatchInHand& batch);
  Handled handle(BatchInHand& batch, int attempt, StoreCall& call);
  void on_handler_error(BatchInHand& batch, bool was_asked_to_stop, StoreCall& call);
  void commit(const BatchInHand& batch);
  void drop(BatchInHand& batch, const TopicPartition& partition);
  void give_up(BatchInHand& batch);
  void keep_valid(BatchInHand& batch);

  void request_stop();
  void renew_stop_token();
  std::stop_token stop_token();
  bool is_stopping();

  WorkerContext context_;
  GroupSession session_;
  std::unique_ptr<detail::BatchHandler> handler_;
  BatchReader reader_;
  Interrupt interrupt_;
  Committer committer_;
  std::optional<CommitQueue> queue_;  // where commits overlap with handling
  std::mutex stop_mutex_;
  std::stop_source stop_source_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace tidemark::engine
