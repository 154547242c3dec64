#pragma once

#include <chrono>
#include <exception>

#include <tidemark/detail/record_view.hpp>
#include <tidemark/export.hpp>
#include <tidemark/handler_retry.hpp>

namespace tidemark::detail {

/// `handler_retry` for a handler that calls for each record by itself: a call that fails concerns its record, and the others go on.
///
/// Thread safety: the worker's thread only.
class TIDEMARK_EXPORT RecordRetry {
 public:
  virtual ~RecordRetry() = default;

  virtual const HandlerRetry& policy() const = 0;
  /// The record's call number `attempt` failed; the next one comes after `delay`.
  virtual void on_retry(const RecordView& record, int attempt, std::chrono::milliseconds delay,
                        const std::exception_ptr& error) = 0;
  /// The record's attempts are used up. True: it is dealt with, as `when_exhausted` says. False: the error is to end the consumer.
  virtual bool set_aside(const RecordView& record, int attempts, const std::exception_ptr& error) = 0;
  /// What the handler throws next is to end the consumer: no attempt is left.
  virtual void give_up() = 0;
  /// The batch's stop_token was set while records waited for their next attempt. The handler throws the error of one of them, which
  /// counts as no failure of the batch.
  virtual void interrupt() = 0;
};

}  // namespace tidemark::detail
