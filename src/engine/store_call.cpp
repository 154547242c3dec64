#include "engine/store_call.hpp"

#include <random>

#include <fmt/format.h>

#include <tidemark/error.hpp>

namespace tidemark::engine {

std::string current_error_text() {
  try {
    throw;
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "an exception that is not a std::exception";
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

void StoreCall::wait_or_rethrow(const std::string& what, Interrupt& interrupt) {
  ++failures_;
  if (!is_current_error_retryable()) throw;
  const auto delay = backoff_.next(std::chrono::steady_clock::now(), std::random_device{}());
  if (!delay) throw;
  notifier_->on_error(fmt::format("{}, trying again in {} ms: {}", what, delay->count(), current_error_text()));
  if (!interrupt.wait_for(*delay)) throw;
}

}  // namespace tidemark::engine
