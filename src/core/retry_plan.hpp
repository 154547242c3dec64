#pragma once

#include <chrono>
#include <cstdint>
#include <exception>

#include <tidemark/handler_retry.hpp>

#include "core/backoff.hpp"

namespace tidemark::core {

/// What follows when a handler has thrown, from the first to the last try of one batch. Knows neither clock nor chance: the caller
/// brings both.
class RetryPlan {
 public:
  using TimePoint = Backoff::TimePoint;

  enum class Next {
    again,      ///< After the delay.
    exhausted,  ///< What HandlerRetry::when_exhausted says.
    fatal,      ///< The consumer ends.
  };

  struct Decision {
    Next next = Next::again;
    std::chrono::milliseconds delay{};

    bool operator==(const Decision&) const = default;
  };

  explicit RetryPlan(const HandlerRetry& retry)
      : retry_{retry}, backoff_{{retry.first_delay, retry.max_delay, retry.give_up_after}} {}

  /// `random` is any number, drawn evenly.
  Decision after(const std::exception_ptr& error, TimePoint now, std::uint32_t random) {
    if (is_fatal(error)) return {Next::fatal};
    if (++failures_ >= retry_.attempts || (retry_.retryable && !retry_.retryable(error))) return {Next::exhausted};
    const auto delay = backoff_.next(now, random);
    return delay ? Decision{Next::again, *delay} : Decision{Next::exhausted};
  }

  bool is_fatal(const std::exception_ptr& error) const { return retry_.fatal && retry_.fatal(error); }

 private:
  const HandlerRetry& retry_;
  Backoff backoff_;
  int failures_ = 0;
};

}  // namespace tidemark::core
