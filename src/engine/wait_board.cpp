#include "engine/wait_board.hpp"

#include <algorithm>

namespace tidemark::engine {

void WaitBoard::set_phase(ConsumerPhase phase, TimePoint now) {
  if (phase == phase_) return;
  phase_ = phase;
  phase_since_ = now;
  published_.set_phase(phase, now);
}

void WaitBoard::look(std::vector<Wait> waits, std::map<TopicPartition, PublishedState::Trouble> troubles,
                     TimePoint now) {
  std::ranges::stable_sort(waits, {}, [](const Wait& wait) { return std::pair{wait.kind, wait.since}; });
  const auto rest = std::ranges::unique(waits, {}, &Wait::kind);
  waits.erase(rest.begin(), rest.end());

  core::Waits::Since since;
  for (const auto& wait : waits) since.note(wait.kind, wait.since);
  const auto tellings = waits_.look(since, now);
  for (const auto& telling : tellings)
    if (telling.is_over) tell(telling, last_[static_cast<std::size_t>(telling.kind)]);
  for (const auto& wait : waits) last_[static_cast<std::size_t>(wait.kind)] = wait;
  for (const auto& telling : tellings)
    if (!telling.is_over) tell(telling, last_[static_cast<std::size_t>(telling.kind)]);

  if (std::exchange(is_empty_, waits.empty() && troubles.empty()) && is_empty_) return;
  std::vector<ConsumerWait> published;
  for (auto& wait : waits)
    published.push_back({wait.kind, std::chrono::duration_cast<std::chrono::milliseconds>(now - wait.since),
                         std::move(wait.place), std::move(wait.reason), std::move(wait.remedy)});
  published_.set(std::move(published), std::move(troubles));
}

void WaitBoard::tell(const core::Waits::Telling& telling, const Wait& wait) const {
  const WaitEvent event{telling.kind, telling.lasted, telling.is_over, wait.place, wait.reason, wait.remedy};
  const auto is_asked_for = telling.kind == WaitKind::pause || telling.kind == WaitKind::rate_limit;
  notifier_->on_wait(event);
  // The end of a wait is as important as the wait: whoever read of the one is to read of the other.
  notifier_->on_log(is_asked_for ? LogLevel::info : LogLevel::warning, "tidemark " + to_string(event));
}

}  // namespace tidemark::engine
