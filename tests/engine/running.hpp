#pragma once

#include <chrono>
#include <future>
#include <stdexcept>

namespace tidemark::test {

/// Longer than anything takes that works.
constexpr std::chrono::seconds patience{30};

/// consumer.run() on a thread of its own, stopped at the end whatever happens.
template <class Consumer>
class Running {
 public:
  explicit Running(Consumer& consumer)
      : consumer_{consumer}, result_{std::async(std::launch::async, [&consumer] { consumer.run(); })} {}
  ~Running() {
    if (result_.valid()) consumer_.stop();
  }

  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  /// Waits for run() to end by itself, and throws what it throws.
  void join() {
    if (result_.wait_for(patience) != std::future_status::ready) throw std::runtime_error{"run() does not end"};
    result_.get();
  }

  void stop() {
    consumer_.stop();
    join();
  }

 private:
  Consumer& consumer_;
  std::future<void> result_;
};

/// The E that run() throws; fails with another exception where it throws that.
template <class E, class Consumer>
E error_of_run(Consumer& consumer) {
  try {
    Running{consumer}.join();
  } catch (const E& error) {
    return error;
  }
  throw std::runtime_error{"run() ended without an error"};
}

}  // namespace tidemark::test
