#include "testing/contest.hpp"

#include <barrier>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace tidemark::testing {

void contest(int threads, const std::function<void(int, const Meet&)>& run) {
  std::barrier meeting{threads};
  std::mutex mutex;
  std::exception_ptr error;
  {
    std::vector<std::jthread> runners;
    for (int i = 0; i < threads; ++i)
      runners.emplace_back([&, i] {
        try {
          run(i, [&] { meeting.arrive_and_wait(); });
        } catch (...) {
          const std::lock_guard lock{mutex};
          if (!error) error = std::current_exception();
        }
        meeting.arrive_and_drop();
      });
  }
  if (error) std::rethrow_exception(error);
}

}  // namespace tidemark::testing
