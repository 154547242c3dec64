#include "core/start_retries.hpp"

#include <algorithm>

#include "core/invariant.hpp"

namespace tidemark::core {

std::chrono::milliseconds StartRetries::on_open(const Question& question, TimePoint now) {
  const auto [found, is_new] = waiting_.try_emplace(question);
  auto& pause = found->second;
  pause.length = is_new ? first_pause : std::min(pause.length * 2, longest_pause);
  TIDEMARK_ENSURES(pause.length >= first_pause && pause.length <= longest_pause);
  pause.ends = now + pause.length;
  return pause.length;
}

std::vector<StartRetries::Question> StartRetries::take_due(TimePoint now) {
  std::vector<Question> questions;
  for (auto& [question, pause] : waiting_) {
    if (!pause.ends || *pause.ends > now) continue;
    pause.ends.reset();
    questions.push_back(question);
  }
  return questions;
}

std::optional<StartRetries::TimePoint> StartRetries::due() const {
  std::optional<TimePoint> first;
  for (const auto& [question, pause] : waiting_)
    if (pause.ends) first = first ? std::min(*first, *pause.ends) : *pause.ends;
  return first;
}

}  // namespace tidemark::core
