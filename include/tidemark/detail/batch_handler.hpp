#pragma once

#include <memory>
#include <optional>

#include <tidemark/detail/batch_view.hpp>
#include <tidemark/offset_store.hpp>

namespace tidemark::detail {

/// How the compiled engine calls a typed handler. One object a worker thread.
class BatchHandler {
 public:
  virtual ~BatchHandler() = default;

  /// Runs the handler. Where commits(), the offsets have moved with the results when it returns nullopt.
  virtual std::optional<Conflict> handle(const GroupSession& session, const BatchView& batch) = 0;
  virtual bool commits() const = 0;
};

/// Makes the handler objects of the worker threads.
class BatchHandlerFactory {
 public:
  virtual ~BatchHandlerFactory() = default;
  virtual std::unique_ptr<BatchHandler> make() = 0;
};

}  // namespace tidemark::detail
