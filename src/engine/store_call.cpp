#include "engine/store_call.hpp"

#include <random>
#include <utility>

#include <fmt/format.h>

#include <tidemark/error.hpp>

#include "core/cut_text.hpp"

namespace tidemark::engine {

std::string current_error_text() {
  try {
    throw;
  } catch (const std::exception& error) {
    return core::cut_text(error.what());
  } catch (...) {
    return "an exception that is not a std::exception";
  }
}

std::string text_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (...) {
    return current_error_text();
  }
}

bool is_current_error_retryable() {
  try {
    throw;
  } catch (const StoreError& error) {
    return error.is_retryable();
  } catch (...) {
    return true;
  }
}

GroupSession session_until(const ConsumerOptions& options, rd_kafka_s* client, std::stop_token stop) {
  using Clock = std::chrono::steady_clock;
  const auto now = Clock::now();
  const auto longest = options.store_retry.give_up_after;
  const auto left = std::chrono::floor<std::chrono::milliseconds>(Clock::time_point::max() - now);
  // No time for repetitions is still a whole call.
  return {options.group, client, longest.count() > 0 && longest < left ? now + longest : Clock::time_point::max(),
          std::move(stop)};
}

void StoreCall::wait_or_rethrow(const std::string& what, Interrupt& interrupt) {
  ++failures_;
  if (!is_current_error_retryable()) throw;
  const auto delay = backoff_.next(std::chrono::steady_clock::now(), std::random_device{}());
  if (!delay) throw;
  notifier_->on_error(fmt::format("{}, trying again in {} ms: {}", what, delay->count(), current_error_text()));
  if (watch_ != nullptr) watch_->fail(fmt::format("{}: {}", what, current_error_text()));
  if (!interrupt.wait_for(*delay)) throw;
}

}  // namespace tidemark::engine
