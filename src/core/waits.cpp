#include "core/waits.hpp"

#include <algorithm>

namespace tidemark::core {

std::vector<Waits::Telling> Waits::look(const Since& since, TimePoint now) {
  std::vector<Telling> tellings;
  for (std::size_t i = 0; i < kinds; ++i) {
    auto& wait = waits_[i];
    const auto kind = static_cast<WaitKind>(i);
    if (wait.since && wait.since != since.of_kind[i]) {
      if (wait.is_told) tellings.push_back({kind, lasted(*wait.since, now), true});
      wait = {};
    }
    if (!since.of_kind[i]) continue;
    if (!wait.since) wait = {since.of_kind[i], first_told, false};
    const auto so_far = lasted(*wait.since, now);
    if (so_far < wait.next_told) continue;
    tellings.push_back({kind, so_far, false});
    wait.is_told = true;
    wait.next_told = so_far + std::min<std::chrono::milliseconds>(so_far, longest_silence);
  }
  return tellings;
}

std::chrono::milliseconds Waits::lasted(TimePoint since, TimePoint now) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::max(now - since, TimePoint::duration{0}));
}

}  // namespace tidemark::core
