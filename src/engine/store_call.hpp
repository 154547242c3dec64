#pragma once

#include <chrono>
#include <exception>
#include <stop_token>
#include <string>

#include <tidemark/offset_store.hpp>
#include <tidemark/options.hpp>

#include "core/backoff.hpp"
#include "engine/call_watch.hpp"
#include "engine/interrupt.hpp"
#include "engine/notifier.hpp"

namespace tidemark::engine {

/// What the exception being handled says; for catch blocks.
std::string current_error_text();
std::string text_of(const std::exception_ptr& error);

/// Whether the exception being handled, thrown by a store, may be overcome by trying again. What is not a StoreError may.
bool is_current_error_retryable();

/// On whose behalf the next call to the store is made, and how long it is waited for.
GroupSession session_until(const ConsumerOptions& options, rd_kafka_s* client, std::stop_token stop);

/// Decides after each failed call to a store whether, and when, it is made again.
class StoreCall {
 public:
  /// `watch`: hears of failures, where there is one.
  StoreCall(const StoreRetry& retry, const Notifier& notifier, CallWatch* watch = nullptr)
      : backoff_{retry}, notifier_{notifier}, watch_{watch} {}

  /// For catch blocks: waits until the next try, or rethrows.
  void wait_or_rethrow(const std::string& what, Interrupt& interrupt);

  int failures() const { return failures_; }

 private:
  core::Backoff backoff_;
  const Notifier& notifier_;
  CallWatch* watch_;
  int failures_ = 0;
};

}  // namespace tidemark::engine
