#pragma once

#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <tidemark/detail/batch_handler.hpp>

#include "core/retry_plan.hpp"
#include "engine/batch_reader.hpp"
#include "engine/commit_queue.hpp"
#include "engine/committer.hpp"
#include "engine/handler_watch.hpp"
#include "engine/interrupt.hpp"
#include "engine/record_retries.hpp"
#include "engine/rejections.hpp"
#include "engine/stop_switch.hpp"
#include "engine/store_call.hpp"
#include "engine/worker_context.hpp"

namespace tidemark::engine {

/// Brings batches through the handler, by as many calls as that takes, and commits them.
///
/// Thread safety: interrupt_waits() from any thread; the rest by the worker's.
class Delivery {
 public:
  /// Commits go through `queue` where there is one, and are in step otherwise.
  Delivery(const WorkerContext& context, detail::BatchHandler& handler, BatchReader& reader, Committer& committer,
           std::optional<CommitQueue>& queue, StopSwitch& stop, HandlerWatch& watch);

  /// Returns when nothing is left to do for the batch; throws what ends the consumer.
  void deliver(BatchInHand& batch);

  /// From any thread: a write to the dead-letter sink, and the pause before the handler is called again.
  const CallWatch& dead_letters() const { return rejections_.watch(); }
  const CallWatch& retry() const { return retry_; }

  /// A partition was lost: a wait between two attempts ends, and it is found out whether the batch is still worth another attempt.
  void interrupt_waits() { interrupt_.raise(); }

 private:
  enum class Handled {
    yes,    ///< And committed.
    again,  ///< To be called again, with what is left of the batch.
    no,     ///< It threw failure_.
  };

  /// The parts of one batch that are still to do; the last one is next.
  using Parts = std::span<BatchInHand>;

  bool has_records(BatchInHand& batch);
  Handled handle(Parts parts, int attempt, StoreCall& call);
  Handled on_failure(Parts parts, bool was_asked_to_stop, StoreCall& call);
  bool try_again(BatchInHand& batch, int attempt, core::RetryPlan& plan);
  void wait(BatchInHand& batch, std::chrono::steady_clock::time_point deadline);

  void set_aside(BatchInHand& batch, int attempts);
  void write_off(BatchInHand& batch, DeadLetterReason reason, int attempts);
  void isolate(BatchInHand& batch, int attempts);
  bool try_part(Parts parts, int attempt);

  void commit(const BatchInHand& batch);
  void refuse(BatchInHand& batch, const Conflict& conflict);
  void give_up(Parts parts);
  void keep_valid(BatchInHand& batch);

  WorkerContext context_;
  GroupSession session_;
  detail::BatchHandler& handler_;
  BatchReader& reader_;
  Committer& committer_;
  std::optional<CommitQueue>& queue_;
  StopSwitch& stop_;
  HandlerWatch& watch_;
  Interrupt interrupt_;
  CallWatch retry_;
  Rejections rejections_;
  RecordRetries record_retries_;
  const bool rejects_undecodable_;
  std::exception_ptr failure_;
};

}  // namespace tidemark::engine
