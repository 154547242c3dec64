#include "testing/contest.hpp"

#include <exception>
#include <latch>
#include <mutex>
#include <thread>
#include <vector>

namespace tidemark::testing {

void contest(int threads, const std::function<void(int)>& run) {
  std::latch start{threads};
  std::mutex mutex;
  std::exception_ptr error;
  {
    std::vector<std::jthread> runners;
    for (int i = 0; i < threads; ++i)
      runners.emplace_back([&, i] {
        start.arrive_and_wait();
        try {
          run(i);
        } catch (...) {
          const std::lock_guard lock{mutex};
          if (!error) error = std::current_exception();
        }
      });
  }
  if (error) std::rethrow_exception(error);
}

}  // namespace tidemark::testing
