#pragma once

#include <cstddef>

#include <tidemark/detail/record_retry.hpp>

#include "engine/rejections.hpp"
#include "engine/worker_context.hpp"

namespace tidemark::engine {

/// What becomes of single records whose calls fail, in a handler that calls for each.
///
/// Thread safety: the worker's thread only.
class RecordRetries final : public detail::RecordRetry {
 public:
  RecordRetries(const WorkerContext& context, Rejections& rejections) : context_{context}, rejections_{rejections} {}

  /// The next call of the handler.
  void begin();

  const HandlerRetry& policy() const override { return context_.options.handler_retry; }
  void on_retry(const detail::RecordView& record, int attempt, std::chrono::milliseconds delay,
                const std::exception_ptr& error) override;
  bool set_aside(const detail::RecordView& record, int attempts, const std::exception_ptr& error) override;
  void give_up() override { has_given_up_ = true; }
  void interrupt() override { was_interrupted_ = true; }

  /// The handler's exception is to end the consumer.
  bool has_given_up() const { return has_given_up_; }
  /// The handler threw to come to its end.
  bool was_interrupted() const { return was_interrupted_; }

 private:
  WorkerContext context_;
  Rejections& rejections_;
  std::size_t isolated_ = 0;
  bool has_given_up_ = false;
  bool was_interrupted_ = false;
};

}  // namespace tidemark::engine
