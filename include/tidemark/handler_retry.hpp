#pragma once

#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>

namespace tidemark {

/// Tells whether an exception is of some kind. Called in the worker's thread; what it throws ends the consumer.
using ErrorFilter = std::function<bool(const std::exception_ptr&)>;

namespace detail {

template <class E>
bool is_error_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const E&) {
    return true;
  } catch (...) {
    return false;
  }
}

}  // namespace detail

/// The exceptions that `catch (const E&)` catches, for any of these types.
template <class... E>
ErrorFilter errors_of() {
  return [](const std::exception_ptr& error) { return (detail::is_error_of<E>(error) || ...); };
}

/// What becomes of a batch when its handler has failed for the last time. After a TransientError it is always `stop`.
enum class WhenExhausted {
  stop,         ///< run() throws the handler's exception; nothing of the batch is committed.
  skip,         ///< The batch is committed as if it had been handled, and kept nowhere: see Observer::on_skip.
  dead_letter,  ///< All its records go to the dead-letter sink, then it is committed.
  isolate,  ///< It is halved until the records that fail alone are found: those go to the dead-letter sink, the others are handled.
};

/// How a handler that threw is called again with the same batch. It stays in hand meanwhile, and the membership lasts; a stop or a
/// revoke ends the wait at once. Batch::attempt() counts.
///
/// A handler made by each_record() is retried for each record by itself: attempts, delays and `give_up_after` are the record's own.
///
/// The stores' errors are `ConsumerOptions::store_retry`'s matter, also in a transactional handler; only a StoreError there that is not
/// retryable counts as the handler's, since a record may be to blame, such as one that violates a constraint.
struct HandlerRetry {
  int attempts = 1;  ///< Calls of the handler that may fail, the first included. 1: it is not called again.
  std::chrono::milliseconds first_delay{100};
  std::chrono::milliseconds max_delay{10'000};  ///< The delay doubles up to this, less a random part of up to a half.
  std::chrono::milliseconds give_up_after{
      300'000};  ///< Since the first failure: nothing is tried again later than that.

  /// Which errors are worth another try; the others count as the last at once. Empty: all.
  ErrorFilter retryable{};

  /// Which errors end the consumer at once, whatever the rest says: a full disk is no record's fault. Empty: none.
  ErrorFilter fatal{};

  WhenExhausted when_exhausted = WhenExhausted::stop;

  /// With `isolate`: how many records of a batch may turn out to fail alone. With more, the cause is hardly the records, and run()
  /// throws the handler's exception.
  std::size_t max_isolated = 100;
};

}  // namespace tidemark
