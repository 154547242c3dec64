#pragma once

#include <cstddef>
#include <mutex>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include <tidemark/detail/rejections.hpp>

#include "core/claim.hpp"
#include "engine/batch_reader.hpp"
#include "engine/call_watch.hpp"
#include "engine/interrupt.hpp"
#include "engine/worker_context.hpp"

namespace tidemark::engine {

/// What is rejected of the batch in hand, on its way to the dead-letter sink.
///
/// Thread safety: reject() from any thread; the rest by the worker's.
class Rejections final : public detail::Rejections {
 public:
  /// `interrupt` cuts the wait between two tries short.
  Rejections(const WorkerContext& context, BatchReader& reader, Interrupt& interrupt)
      : context_{context}, reader_{reader}, interrupt_{interrupt} {}

  /// The next call of the handler: what an earlier one rejected and did not store() counts no more. `claims` must live until then.
  void begin(std::span<const core::Claim> claims);

  void reject(const detail::RecordView& record, DeadLetterReason reason, std::string why, int attempts) override;
  bool has(const detail::RecordView& record) const override;
  /// Throws the sink's error when it can't be overcome, or when none of the claims is valid any more.
  void store() override;

  /// From any thread.
  const CallWatch& watch() const { return watch_; }

  /// The exception that reject() or store() threw ends the consumer: it is no failure of the handler's own.
  bool has_failed() const;

  /// How many are not in the sink yet.
  std::size_t size() const;
  bool is_empty() const { return size() == 0; }

 private:
  struct Rejected {
    detail::RecordView record;
    DeadLetterReason reason;
    std::string why;
    int attempts;
  };

  void write(std::span<const DeadLetter> letters);
  [[noreturn]] void fail_without_sink() const;

  WorkerContext context_;
  BatchReader& reader_;
  Interrupt& interrupt_;
  CallWatch watch_;
  std::span<const core::Claim> claims_;
  mutable std::mutex mutex_;  // of what follows
  std::vector<Rejected> rejected_;
  std::unordered_set<const void*> known_;  // their origins
  bool has_failed_ = false;
};

}  // namespace tidemark::engine
