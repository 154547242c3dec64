#include "stores/sqlite/busy_wait.hpp"

#include <algorithm>
#include <random>
#include <thread>

namespace tidemark::detail {

// How long others count as there after they were last met.
constexpr std::chrono::milliseconds crowd_lasts{100};

void BusyWait::give_way() const {
  if (std::chrono::steady_clock::now() < crowded_until_) pause(stores::Deadline::of_caller());
}

bool BusyWait::pause(stores::Deadline deadline) const {
  using std::chrono::microseconds;
  if (deadline.is_over()) return false;
  thread_local std::minstd_rand random{std::random_device{}()};
  const microseconds time{std::uniform_int_distribution{300, 1'000}(random)};
  std::this_thread::sleep_for(std::min<microseconds>(time, deadline.left()));
  return true;
}

int BusyWait::on_busy(void* self, int looks) noexcept {
  auto& wait = *static_cast<BusyWait*>(self);
  wait.crowded_until_ = std::chrono::steady_clock::now() + crowd_lasts;
  if (looks == 0) wait.deadline_ = stores::Deadline{wait.longest_};
  return wait.pause(wait.deadline_) ? 1 : 0;
}

}  // namespace tidemark::detail
