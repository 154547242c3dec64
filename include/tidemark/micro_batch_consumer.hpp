#pragma once

#include <concepts>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <tidemark/batch.hpp>
#include <tidemark/detail/async_run.hpp>
#include <tidemark/detail/engine.hpp>
#include <tidemark/detail/typed_handler.hpp>
#include <tidemark/options.hpp>

namespace tidemark {

/// Reads Kafka in micro-batches, calls the handler with each, and moves the group's offsets in the store only after the handler
/// has returned.
///
/// `T` is what values are decoded to, by Decoder<T> or a callable; Bytes hands them out as they came. The handler is one of
///
/// * `void(const Batch<T>&)`: at least once. After a crash the batches in flight are handled again.
/// * `void(const Batch<T>&, Store::Transaction&)`: exactly once for results written through the transaction; only with a
///   TransactionalStore.
///
/// and these make one of something else: by_key() of a handler that is called on several threads at once, on_executor() of a coroutine,
/// each_record() of asynchronous calls, a record each.
///
/// An exception that leaves the handler, of whatever type, ends the consumer: run() throws it, and nothing of that batch is
/// committed; unless `handler_retry` says otherwise. One thrown after a stop or a revoke has set the batch's stop_token counts as giving
/// the batch up instead.
///
/// Thread safety: stop(), progress(), state(), subscribe(), pause(), resume() and the limits from any thread, from inside the handler too;
///                everything else by one thread. With `concurrency` > 1 the handler is called from as many threads at once.
/// Blocking:      run() until the end; everything else returns at once.
/// Lifetime:      the store must outlive the consumer; the handler is kept inside. The destructor waits for a handler that is
///                running, commits nothing, and must not run inside the handler.
/// Errors:        the constructor throws ConfigError. run() throws what ended the consumer: the handler's exception, or an Error.
template <class T = Bytes>
class MicroBatchConsumer {
 public:
  template <std::derived_from<OffsetStore> Store, class Handler>
  MicroBatchConsumer(ConsumerOptions options, Store& store, Handler handler)
      : MicroBatchConsumer{std::move(options), store, std::move(handler), detail::DefaultDecoder<T>{}, Chosen{}} {}

  /// `decoder` in place of Decoder<T>: a callable of the same form. Each worker gets a copy.
  template <std::derived_from<OffsetStore> Store, class Handler, DecoderOf<T> D>
    requires(!std::is_same_v<T, Bytes>)
  MicroBatchConsumer(ConsumerOptions options, Store& store, Handler handler, D decoder)
      : MicroBatchConsumer{std::move(options), store, std::move(handler), std::move(decoder), Chosen{}} {}

  /// Consumes until stop(), then returns; throws the error that ended it otherwise. Can be called once.
  void run() { engine_->run(); }

  /// The same on a thread of its own. Completes with `void(std::exception_ptr)` on the token's executor; takes any completion token.
  /// Asio's cancellation is a stop(). The consumer must live until it has completed, and may be destroyed by the completion handler.
  template <class Token>
  auto async_run(Token&& token) {
    return detail::async_run(*engine_, std::forward<Token>(token));
  }

  /// Asks run() to end: what is in hand is handled and committed, then the group is left, within `stop_timeout` (a handler that
  /// does not return holds it up longer: it cannot be interrupted, but sees its stop_token). Returns at once; can be repeated, and
  /// called before run(), which then ends at once. Not safe inside a signal handler.
  void stop() noexcept { engine_->stop(); }

  /// From the next batch on the handler gets nothing, until resume(). A batch in hand is finished and committed. The membership lasts,
  /// partitions come and go as ever, and what was prefetched stays. Neither counts calls; both may come before run().
  void pause() { engine_->pause(true); }
  void resume() { engine_->pause(false); }

  /// In place of `ConsumerOptions::rate_limit`, at once.
  void limit_rate(const RateLimit& limit) { engine_->limit_rate(limit); }
  /// In place of `ConsumerOptions::partition_rate_limit`, at once.
  void limit_partition_rate(const RateLimit& limit) { engine_->limit_partition_rate(limit); }

  /// Reads these topics from now on, in place of `topics`: what is no longer among them is drained and given up, what is new begins where
  /// the store, or `start`, says; the group shares all of them anew. From any thread; returns at once. Until run() has found the topics,
  /// `missing_topic` holds for these as it does for `topics`. Later, a topic that does not exist is waited for, and the observer hears of
  /// it. Throws ConfigError for topics that the constructor would refuse, or where `partitions` are given instead.
  void subscribe(std::vector<std::string> topics) { engine_->subscribe(std::move(topics)); }

  /// A snapshot of the partitions that are ours, ordered; empty before the first assignment and after the end.
  std::vector<PartitionProgress> progress() const { return engine_->progress(); }

  /// What the consumer is doing, what it waits for and why, and how each of its partitions fares. to_string() makes text of it.
  ConsumerState state() const { return engine_->state(); }

 private:
  struct Chosen {};

  template <class Store, class Handler, class D>
  MicroBatchConsumer(ConsumerOptions options, Store& store, Handler handler, D decoder, Chosen)
      : engine_{std::make_unique<detail::Engine>(std::move(options), store,
                                                 factory(store, std::move(handler), std::move(decoder)))} {}

  template <class Store, class Handler, class D>
  static std::unique_ptr<detail::BatchHandlerFactory> factory(Store& store, Handler handler, D decoder) {
    static_assert(
        PlainHandler<Handler, T> || TransactionalHandler<Handler, T, Store>,
        "the handler must be callable as void(const tidemark::Batch<T>&), or, with a store that has transactions, as "
        "void(const tidemark::Batch<T>&, Store::Transaction&); a coroutine has to be wrapped in tidemark::on_executor");
    return std::make_unique<detail::TypedHandlerFactory<T, Store, Handler, D>>(store, std::move(handler),
                                                                               std::move(decoder));
  }

  std::unique_ptr<detail::Engine> engine_;
};

}  // namespace tidemark
