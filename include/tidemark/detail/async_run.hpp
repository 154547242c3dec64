#pragma once

#include <exception>
#include <memory>
#include <type_traits>
#include <utility>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#if __has_include(<boost/asio/associated_cancellation_slot.hpp>)
#include <boost/asio/associated_cancellation_slot.hpp>
#endif

#include <tidemark/detail/engine.hpp>

namespace tidemark::detail {

/// Asio before Boost 1.77 has no cancellation slots; there stop() is the only way to stop.
template <class Handler>
void connect_cancellation([[maybe_unused]] const Handler& handler, [[maybe_unused]] Engine& engine) {
#if __has_include(<boost/asio/associated_cancellation_slot.hpp>)
  auto slot = boost::asio::get_associated_cancellation_slot(handler);
  if (slot.is_connected()) slot.assign([&engine](boost::asio::cancellation_type) { engine.stop(); });
#endif
}

template <class Handler>
void disconnect_cancellation([[maybe_unused]] const Handler& handler) {
#if __has_include(<boost/asio/associated_cancellation_slot.hpp>)
  auto slot = boost::asio::get_associated_cancellation_slot(handler);
  if (slot.is_connected()) slot.clear();
#endif
}

template <class Token>
auto async_run(Engine& engine, Token&& token) {
  namespace asio = boost::asio;
  auto initiation = [](auto handler, Engine* started) {
    using Handler = std::decay_t<decltype(handler)>;
    auto executor = asio::get_associated_executor(handler);
    connect_cancellation(handler, *started);
    // The engine takes a copyable function and completion handlers need not be copyable, hence the shared_ptr.
    auto shared = std::make_shared<Handler>(std::move(handler));
    auto work = asio::make_work_guard(executor);  // keeps the caller's io_context running meanwhile
    started->start([shared, executor, work](std::exception_ptr error) {
      asio::post(executor, [shared, error = std::move(error)]() mutable {
        disconnect_cancellation(*shared);
        auto once = std::move(*shared);
        std::move(once)(std::move(error));
      });
    });
  };
  return asio::async_initiate<Token, void(std::exception_ptr)>(std::move(initiation), token, &engine);
}

}  // namespace tidemark::detail
