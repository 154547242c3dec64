#include "engine/record_retries.hpp"

#include <array>

#include <tidemark/error.hpp>

#include "engine/store_call.hpp"

namespace tidemark::engine {
namespace {

/// For observers: what is committed is the batch's ranges.
std::array<OffsetRange, 1> range_of(const detail::RecordView& record) {
  return {OffsetRange{record.partition->name, record.offset, record.offset + 1}};
}

}  // namespace

void RecordRetries::begin() {
  isolated_ = 0;
  has_given_up_ = false;
  was_interrupted_ = false;
}

void RecordRetries::on_retry(const detail::RecordView& record, int attempt, std::chrono::milliseconds delay,
                             const std::exception_ptr& error) {
  context_.notifier->on_retry({range_of(record), attempt, delay, text_of(error)});
}

bool RecordRetries::set_aside(const detail::RecordView& record, int attempts, const std::exception_ptr& error) {
  if (detail::is_error_of<TransientError>(error)) return false;  // no record is to blame
  switch (policy().when_exhausted) {
    case WhenExhausted::stop:
      return false;
    case WhenExhausted::skip:
      context_.notifier->on_skip({range_of(record), 1, attempts, text_of(error)});
      return true;
    case WhenExhausted::isolate:
      if (++isolated_ > policy().max_isolated) return false;
      rejections_.reject(record, DeadLetterReason::isolated, text_of(error), attempts);
      return true;
    case WhenExhausted::dead_letter:
      rejections_.reject(record, DeadLetterReason::exhausted, text_of(error), attempts);
      return true;
  }
  return false;
}

}  // namespace tidemark::engine
