#include "engine/rate_gates.hpp"

#include <algorithm>
#include <chrono>

#include "core/invariant.hpp"

namespace tidemark::engine {
namespace {

// Of a queue that is off the lane at once: what comes between two looks at the rate.
constexpr std::size_t read_at_once = 100;

}  // namespace

void RateGates::set_limit(const RateLimit& limit, TimePoint now) {
  limit_ = limit;
  for (auto& [partition, gate] : gates_) gate.throttle_.set_limit(limit, now);
}

RateGates::Gate* RateGates::of(const TopicPartition& partition, TimePoint now) {
  if (limit_ == RateLimit{}) {
    // What waits here still goes first.
    const auto found = gates_.find(partition);
    return found != gates_.end() && found->second.is_off_ ? &found->second : nullptr;
  }
  const auto [found, is_new] = gates_.try_emplace(partition);
  if (is_new) found->second.throttle_.set_limit(limit_, now);
  return &found->second;
}

void RateGates::erase(const TopicPartition& partition) {
  const auto found = gates_.find(partition);
  if (found == gates_.end()) return;
  TIDEMARK_EXPECTS(!found->second.is_off_ || off_ > 0);
  if (found->second.is_off_) --off_;
  gates_.erase(found);
}

void RateGates::hold(const TopicPartition& partition, Gate& gate, rd_kafka_message_t* message) {
  gate.held_.emplace_back(message);
  if (gate.is_off_) return;
  gate.is_off_ = true;
  ++off_;
  gate.left_in_lane_ = lane_.take_off(partition);
}

void RateGates::on_lane_read(std::size_t count) {
  if (off_ == 0) return;
  for (auto& [partition, gate] : gates_) {
    if (gate.left_in_lane_ == 0) continue;
    // Messages that are outdated go uncounted. A read that was cut short brings nothing, either, so the lane is asked.
    gate.left_in_lane_ = count == 0 ? std::min(gate.left_in_lane_, lane_.length())
                                    : gate.left_in_lane_ - std::min(count, gate.left_in_lane_);
  }
}

bool RateGates::has_next(const TopicPartition& partition, Gate& gate, TimePoint now, bool is_lane_seen_to) {
  if (!gate.is_off_ || !gate.throttle_.is_open(now)) return false;
  if (!gate.held_.empty()) return true;
  if (!is_lane_seen_to || gate.left_in_lane_ > 0) return false;
  TIDEMARK_INVARIANT(23, gate.held_.empty() && is_lane_seen_to && gate.left_in_lane_ == 0);
  room_.resize(read_at_once);
  const auto count = lane_.read_off(partition, room_);
  for (std::size_t i = 0; i < count; ++i) gate.held_.emplace_back(room_[i]);
  if (count > 0) return true;
  TIDEMARK_INVARIANT(23, gate.held_.empty() && off_ > 0);
  gate.is_off_ = false;
  --off_;
  lane_.put_back(partition);
  return false;
}

std::optional<RateGates::TimePoint> RateGates::opens_at() const {
  if (off_ == 0) return std::nullopt;
  std::optional<TimePoint> first;
  for (const auto& [partition, gate] : gates_)
    if (gate.is_off_) first = std::min(first.value_or(TimePoint::max()), gate.throttle_.opens_at());
  return first;
}

}  // namespace tidemark::engine
