#include "support/eventually.hpp"

#include <condition_variable>
#include <mutex>

namespace tidemark::test {

bool eventually(const std::function<bool()>& condition, std::chrono::milliseconds timeout) {
  constexpr std::chrono::milliseconds interval{5};
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  std::mutex mutex;
  std::condition_variable nobody_signals;
  std::unique_lock lock{mutex};
  while (!condition()) {
    const auto now = std::chrono::steady_clock::now();
    if (now >= deadline) return false;
    nobody_signals.wait_until(lock, std::min(deadline, now + interval));
  }
  return true;
}

}  // namespace tidemark::test
