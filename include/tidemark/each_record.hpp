#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#ifdef BOOST_ASIO_HAS_CO_AWAIT
#include <boost/asio/co_spawn.hpp>
#endif

#include <tidemark/batch.hpp>
#include <tidemark/detail/batch_at_attempts.hpp>
#include <tidemark/detail/executor_of.hpp>
#include <tidemark/detail/handled_before.hpp>
#include <tidemark/detail/record_run.hpp>
#include <tidemark/error.hpp>
#include <tidemark/record_done.hpp>

namespace tidemark {

/// How many records each_record() has in hand at once, in each worker.
struct InFlight {
  std::size_t max_records = 1'000;
};

/// A handler of records that tells later that it is done.
template <class Handler, class T>
concept RecordCallback = std::is_invocable_v<Handler&, const Record<T>&, RecordDone> ||
                         std::is_invocable_v<Handler&, const Record<T>&, const Batch<T>&, RecordDone>;

#ifdef BOOST_ASIO_HAS_CO_AWAIT
/// A coroutine that handles a record.
template <class Handler, class T>
concept RecordCoroutine =
    std::is_invocable_r_v<boost::asio::awaitable<void>, Handler&, const Record<T>&> ||
    std::is_invocable_r_v<boost::asio::awaitable<void>, Handler&, const Record<T>&, const Batch<T>&>;
#else
template <class Handler, class T>
concept RecordCoroutine = false;
#endif

/// What each_record() makes.
template <class Executor, class Handler>
class EachRecord {
 public:
  /// Each worker gets a copy.
  static constexpr bool has_worker_state = true;

  EachRecord(Executor executor, InFlight limit, Handler handler)
      : executor_{std::move(executor)}, limit_{limit}, handler_{std::make_shared<Handler>(std::move(handler))} {
    if (limit.max_records == 0)
      throw ConfigError{"each_record with 0 records in flight handles nothing; 1 or more are needed"};
  }

  template <class T>
    requires RecordCallback<Handler, T> || RecordCoroutine<Handler, T>
  void operator()(const Batch<T>& batch) {
    const auto records = handled_before_.left_of(batch);
    std::vector<Bytes> keys;
    keys.reserve(records.size());
    for (const auto record : records) keys.push_back(batch[record].key());
    detail::BatchAtAttempts<T> seen{batch};
    detail::RecordRun run{
        keys,
        limit_.max_records,
        {.begin =
             [&](std::size_t i, int attempt) {
               begin(seen.at(attempt), batch[records[i]], {run, i});
             },
         .view = [&](std::size_t i) -> const auto& { return detail::BatchParts::view(batch[records[i]]); }},
        detail::BatchParts::retry(batch),
        batch.stop_token()};
    for (std::size_t i = 0; i < records.size(); ++i)
      if (auto failed = handled_before_.failed_calls(batch[records[i]])) run.remember(i, std::move(failed));
    try {
      run.run();
    } catch (...) {
      for (std::size_t i = 0; i < records.size(); ++i)
        if (run.has_succeeded(i)) handled_before_.add(batch, batch[records[i]]);
      for (const auto& [i, failed] : run.failed()) handled_before_.add_failed(batch[records[i]], failed);
      throw;
    }
  }

 private:
  template <class T>
  void begin(const Batch<T>& batch, const Record<T>& record, RecordDone done) {
    try {
      if constexpr (RecordCallback<Handler, T>)
        boost::asio::post(executor_, [this, &batch, record, done] { call(batch, record, done); });
      else
        spawn(batch, record, done);
    } catch (...) {
      done(std::current_exception());
    }
  }

  template <class T>
  void call(const Batch<T>& batch, const Record<T>& record, const RecordDone& done) {
    try {
      if constexpr (std::is_invocable_v<Handler&, const Record<T>&, RecordDone>)
        (*handler_)(record, done);
      else
        (*handler_)(record, batch, done);
    } catch (...) {
      done(std::current_exception());
    }
  }

  template <class T>
  void spawn([[maybe_unused]] const Batch<T>& batch, [[maybe_unused]] const Record<T>& record,
             [[maybe_unused]] const RecordDone& done) {
#ifdef BOOST_ASIO_HAS_CO_AWAIT
    boost::asio::co_spawn(
        executor_,
        [this, &batch, record] {
          if constexpr (std::is_invocable_v<Handler&, const Record<T>&>)
            return (*handler_)(record);
          else
            return (*handler_)(record, batch);
        },
        [done](const std::exception_ptr& error) { done(error); });
#endif
  }

  Executor executor_;
  InFlight limit_;
  std::shared_ptr<Handler> handler_;
  detail::HandledBefore handled_before_;
};

/// A handler that calls `handler` for each record, on `executor` (or an execution context), without waiting for one call before the next
/// begins: so thousands of slow calls overlap on one thread. At most `limit.max_records` are under way at once, and records of one key
/// are handled one after the other, in their order.
///
/// `handler` is one of these, each also with a `const Batch<T>&` behind the record, for reject(), attempt() and stop_token():
///
///     awaitable<void>(const Record<T>& record)           // a coroutine; where the compiler and Boost have them
///     void(const Record<T>& record, RecordDone done)     // calls done() later, from any thread; copy the record to keep it until then
///
/// The batch is handled when all its records are. A call that ends with an exception, or with done(error), has failed for its record, and
/// `handler_retry` applies to that record alone:
///
/// * The record is called for again, up to `attempts` times with the policy's delays, while the others go on. Records of its key wait behind
///   it. attempt() counts the calls for the record.
/// * After the last attempt `skip` counts the record as handled; `dead_letter` and `isolate` make it a dead letter, and `isolate`
///   ends the consumer where more than `max_isolated` records of a batch fail.
/// * With `stop`, and after a `fatal` error, no call is begun any more. Those under way end, then run() throws the error.
///
/// While `limit.max_records` records wait for their next attempt no other record is begun: what they call is probably away. A stop, a revoke or
/// a `handler_timeout` ends these waits: the batch is given up, and what stays with this consumer is handed over again, without the
/// records that have succeeded, and with the attempts counted on. With no record waiting the batch is finished, unless a call throws
/// because the stop_token asks for it. Batches do not overlap: make them large, many times `limit.max_records`, so that few calls wait for the
/// last of a batch.
///
/// Thread safety: `handler` is called on the executor, from all its threads at once.
/// Lifetime:      the executor's context must go on running until the consumer has ended, and then may be destroyed.
/// Errors:        ConfigError where `limit.max_records` is 0. Where the context is destroyed too early, the batch fails.
template <class Executor, class Handler>
auto each_record(Executor&& executor, InFlight limit, Handler handler) {
  auto chosen = detail::executor_of(executor);
  return EachRecord<decltype(chosen), Handler>{std::move(chosen), limit, std::move(handler)};
}

}  // namespace tidemark
