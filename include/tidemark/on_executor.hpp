#pragma once

#include <future>
#include <type_traits>
#include <utility>  // before Asio: that of Boost 1.74 uses std::exchange and does not say so

#include <boost/asio/awaitable.hpp>

#ifdef BOOST_ASIO_HAS_CO_AWAIT

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include <tidemark/batch.hpp>
#include <tidemark/detail/executor_of.hpp>
#include <tidemark/error.hpp>

namespace tidemark {

/// What on_executor() makes.
template <class Executor, class Coroutine>
class OnExecutor {
 public:
  OnExecutor(Executor executor, Coroutine coroutine)
      : executor_{std::move(executor)}, coroutine_{std::move(coroutine)} {}

  template <class T>
    requires std::is_invocable_r_v<boost::asio::awaitable<void>, Coroutine&, const Batch<T>&>
  void operator()(const Batch<T>& batch) {
    auto ended = boost::asio::co_spawn(
        executor_, [this, &batch] { return coroutine_(batch); }, boost::asio::use_future);
    try {
      ended.get();
    } catch (const std::future_error&) {
      throw Error{
          "the handler's coroutine was given up: the executor's context was destroyed before the consumer; let it "
          "outlive the consumer's run"};
    }
  }

 private:
  Executor executor_;
  Coroutine coroutine_;
};

/// A handler that runs a coroutine, `awaitable<void>(const Batch<T>&)`, on `executor` (or an execution context) for each batch:
///
///     MicroBatchConsumer<> consumer{options, store, on_executor(io_context, [](const Batch<>& batch) -> awaitable<void> { … })};
///
/// The batch is handled when the coroutine has ended; an exception that leaves it is the handler's.
///
/// Thread safety: with `concurrency` > 1 as many coroutines are under way at once.
/// Lifetime:      the executor's context must go on running until the consumer has ended, and then may be destroyed.
/// Errors:        where the context is destroyed first, the batch fails.
template <class Executor, class Coroutine>
auto on_executor(Executor&& executor, Coroutine coroutine) {
  auto chosen = detail::executor_of(executor);
  return OnExecutor<decltype(chosen), Coroutine>{std::move(chosen), std::move(coroutine)};
}

}  // namespace tidemark

#endif
