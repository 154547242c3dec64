#pragma once

#include <optional>
#include <thread>
#include <utility>  // Asio of Boost 1.74 uses std::exchange and does not say so

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

namespace tidemark::test {

/// An io_context that one thread runs until the end.
class AsioThread {
 public:
  AsioThread() : context_{std::in_place}, work_{context_->get_executor()}, thread_{[this] { context_->run(); }} {}
  ~AsioThread() { destroy_context(); }
  AsioThread(const AsioThread&) = delete;
  AsioThread& operator=(const AsioThread&) = delete;

  boost::asio::io_context& context() { return *context_; }
  std::thread::id id() const { return thread_.get_id(); }

  /// With whatever is waiting in it.
  void destroy_context() {
    if (!context_) return;
    context_->stop();
    thread_.join();
    work_.reset();
    context_.reset();
  }

 private:
  std::optional<boost::asio::io_context> context_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::thread thread_;
};

}  // namespace tidemark::test
