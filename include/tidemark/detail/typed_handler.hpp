#pragma once

#include <concepts>
#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include <tidemark/batch.hpp>
#include <tidemark/decoder.hpp>
#include <tidemark/detail/batch_handler.hpp>
#include <tidemark/error.hpp>
#include <tidemark/transactional_store.hpp>

namespace tidemark {

namespace detail {

/// Returns nothing: a coroutine or a future that nobody waits for would be taken for a success.
template <class Handler, class... Arguments>
concept ReturnsNothing = requires(Handler& handler, Arguments... arguments) {
  { handler(arguments...) } -> std::same_as<void>;
};

}  // namespace detail

/// A handler of plain batches.
template <class Handler, class T>
concept PlainHandler = detail::ReturnsNothing<Handler, const Batch<T>&>;

/// A handler that writes its results through the store's transaction.
template <class Handler, class T, class Store>
concept TransactionalHandler =
    TransactionalStore<Store> && detail::ReturnsNothing<Handler, const Batch<T>&, typename Store::Transaction&>;

namespace detail {

/// Decodes values into storage that is used again for the next batch. Records that can't be decoded are left out, where that is the
/// policy.
template <class T, class D = Decoder<T>>
class BatchDecoder {
 public:
  explicit BatchDecoder(D decoder = D{}) : decoder_{std::move(decoder)} {}

  Batch<T> decode(const BatchView& view) {
    begin(view.records.size());
    kept_.clear();
    bool keeps_all = true;
    for (std::size_t i = 0; i < view.records.size(); ++i) {
      const auto& record = view.records[i];
      if (!decode(record, view)) {
        if (std::exchange(keeps_all, false))
          kept_.assign(view.records.begin(), view.records.begin() + static_cast<std::ptrdiff_t>(i));
      } else if (!keeps_all) {
        kept_.push_back(record);
      }
    }
    const std::span<const T> values{values_.data(), count_};
    if (keeps_all) return Batch<T>{view, values};
    kept_view_ = view;
    kept_view_.records = kept_;
    return Batch<T>{kept_view_, values};
  }

 private:
  static constexpr bool writes_over = DecoderInto<D, T>;

  void begin(std::size_t records) {
    count_ = 0;
    if constexpr (writes_over) {
      if (values_.size() < records) values_.resize(records);
    } else {
      values_.clear();
      values_.reserve(records);
    }
  }

  bool decode(const RecordView& record, const BatchView& view) {
    try {
      if constexpr (writes_over)
        decoder_(Record<>{record}, values_[count_]);
      else
        values_.push_back(decoder_(Record<>{record}));
      ++count_;
      return true;
    } catch (const TransientError&) {
      throw;
    } catch (const std::exception& error) {
      if (!view.rejects_undecodable) throw;
      view.rejections->reject(record, DeadLetterReason::undecodable, error.what(), view.attempt);
    } catch (...) {
      if (!view.rejects_undecodable) throw;
      view.rejections->reject(record, DeadLetterReason::undecodable, "an exception that is not a std::exception",
                              view.attempt);
    }
    return false;
  }

  D decoder_;
  std::vector<T> values_;
  std::size_t count_ = 0;
  std::vector<RecordView> kept_;  // where some are left out
  BatchView kept_view_;
};

/// Stands for the decoder of values that are handed out as they came.
struct NoDecoder {};

template <>
class BatchDecoder<Bytes, NoDecoder> {
 public:
  explicit BatchDecoder(NoDecoder) {}
  Batch<> decode(const BatchView& view) { return Batch<>{view}; }
};

template <class T>
using DefaultDecoder = std::conditional_t<std::is_same_v<T, Bytes>, NoDecoder, Decoder<T>>;

template <class T, class Store, class Handler, class D>
class TypedHandler final : public BatchHandler {
 public:
  TypedHandler(Store& store, std::shared_ptr<Handler> handler, D decoder)
      : store_{store}, handler_{std::move(handler)}, decoder_{std::move(decoder)} {}

  std::optional<Conflict> handle(const GroupSession& session, const BatchView& view) override {
    const auto batch = decoder_.decode(view);
    if constexpr (PlainHandler<Handler, T>) {
      if (!batch.empty()) (*handler_)(batch);
      view.rejections->store();
      return std::nullopt;
    } else {
      auto transaction = store_.begin(session, view.ranges);
      if (!batch.empty()) (*handler_)(batch, transaction);
      view.rejections->store();
      return transaction.commit();
    }
  }

  bool commits() const override { return !PlainHandler<Handler, T>; }

 private:
  Store& store_;
  std::shared_ptr<Handler> handler_;  // shared by all workers, as the documentation of MicroBatchConsumer says, mostly
  BatchDecoder<T, D> decoder_;
};

template <class T, class Store, class Handler, class D>
class TypedHandlerFactory final : public BatchHandlerFactory {
 public:
  TypedHandlerFactory(Store& store, Handler handler, D decoder)
      : store_{store}, handler_{std::make_shared<Handler>(std::move(handler))}, decoder_{std::move(decoder)} {}

  std::unique_ptr<BatchHandler> make() override {
    auto handler = handler_;
    if constexpr (requires { Handler::has_worker_state; }) handler = std::make_shared<Handler>(*handler_);
    return std::make_unique<TypedHandler<T, Store, Handler, D>>(store_, std::move(handler), decoder_);
  }

 private:
  Store& store_;
  std::shared_ptr<Handler> handler_;
  D decoder_;
};

}  // namespace detail
}  // namespace tidemark
