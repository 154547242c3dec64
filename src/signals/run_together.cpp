#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include <tidemark/detail/signal_watch.hpp>

namespace tidemark::detail {

void run_together(std::span<const Runner> runners) {
  std::mutex mutex;
  std::exception_ptr first;
  const auto stop_all = [&] {
    for (const auto& runner : runners) runner.stop();
  };
  const auto fail = [&](std::exception_ptr error) {
    {
      const std::lock_guard lock{mutex};
      if (!first) first = std::move(error);
    }
    stop_all();
  };
  std::vector<std::thread> threads;
  try {
    threads.reserve(runners.size());
    for (const auto& runner : runners)
      threads.emplace_back([&fail, &runner] {
        try {
          runner.run();
        } catch (...) {
          fail(std::current_exception());
        }
      });
  } catch (...) {
    fail(std::current_exception());  // there are no more threads to be had
  }
  for (auto& thread : threads) thread.join();
  if (first) std::rethrow_exception(first);
}

}  // namespace tidemark::detail
