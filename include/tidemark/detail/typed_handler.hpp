#pragma once

#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include <tidemark/batch.hpp>
#include <tidemark/decoder.hpp>
#include <tidemark/detail/batch_handler.hpp>
#include <tidemark/transactional_store.hpp>

namespace tidemark {

/// A handler of plain batches.
template <class Handler, class T>
concept PlainHandler = std::is_invocable_r_v<void, Handler&, const Batch<T>&>;

/// A handler that writes its results through the store's transaction.
template <class Handler, class T, class Store>
concept TransactionalHandler =
    TransactionalStore<Store> && std::is_invocable_r_v<void, Handler&, const Batch<T>&, typename Store::Transaction&>;

namespace detail {

/// Decodes values into storage that is used again for the next batch.
template <class T>
class BatchDecoder {
 public:
  Batch<T> decode(const BatchView& view) {
    values_.clear();
    values_.reserve(view.records.size());
    for (const auto& record : view.records) values_.push_back(decoder_(Record<>{record}));
    return Batch<T>{view, values_};
  }

 private:
  Decoder<T> decoder_;
  std::vector<T> values_;
};

template <>
class BatchDecoder<Bytes> {
 public:
  Batch<> decode(const BatchView& view) { return Batch<>{view}; }
};

template <class T, class Store, class Handler>
class TypedHandler final : public BatchHandler {
 public:
  TypedHandler(Store& store, std::shared_ptr<Handler> handler) : store_{store}, handler_{std::move(handler)} {}

  std::optional<Conflict> handle(const GroupSession& session, const BatchView& view) override {
    const auto batch = decoder_.decode(view);
    if constexpr (PlainHandler<Handler, T>) {
      (*handler_)(batch);
      view.rejections->store();
      return std::nullopt;
    } else {
      auto transaction = store_.begin(session, view.ranges);
      (*handler_)(batch, transaction);
      view.rejections->store();
      return transaction.commit();
    }
  }

  bool commits() const override { return !PlainHandler<Handler, T>; }

 private:
  Store& store_;
  std::shared_ptr<Handler> handler_;  // shared by all workers, as the documentation of MicroBatchConsumer says
  BatchDecoder<T> decoder_;
};

template <class T, class Store, class Handler>
class TypedHandlerFactory final : public BatchHandlerFactory {
 public:
  TypedHandlerFactory(Store& store, Handler handler)
      : store_{store}, handler_{std::make_shared<Handler>(std::move(handler))} {}

  std::unique_ptr<BatchHandler> make() override {
    return std::make_unique<TypedHandler<T, Store, Handler>>(store_, handler_);
  }

 private:
  Store& store_;
  std::shared_ptr<Handler> handler_;
};

}  // namespace detail
}  // namespace tidemark
