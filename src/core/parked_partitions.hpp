#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include <tidemark/topic_partition.hpp>

#include "core/invariant.hpp"
#include "core/obstacle.hpp"

namespace tidemark::core {

/// Partitions that are passed over because they can't be read, and when each is tried again: twice as late each time, for as long as it
/// stands at the same record.
///
/// Thread safety: distinct objects safe; shared objects unsafe.
class ParkedPartitions {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  struct Parked {
    Obstacle obstacle;
    std::chrono::milliseconds delay{};
    TimePoint next_try{};
    TimePoint since{};      ///< When it first could not be read there.
    bool is_tried = false;  ///< It is being read again: nobody knows yet how that ends.
  };

  explicit ParkedPartitions(std::chrono::milliseconds first_delay)
      : first_delay_{std::min<std::chrono::milliseconds>(first_delay, std::chrono::hours{1})} {}

  const Parked& add(const TopicPartition& partition, Obstacle obstacle, TimePoint now) {
    TIDEMARK_INVARIANT(35, obstacle.kind == Obstacle::Kind::unreadable || obstacle.kind == Obstacle::Kind::forbidden);
    auto& parked = parked_[partition];
    const bool is_same = parked.is_tried && parked.obstacle.position == obstacle.position;
    const auto delay = is_same ? std::min(parked.delay * 2, first_delay_ * most_delays) : first_delay_;
    TIDEMARK_ENSURES(delay >= first_delay_);
    parked = {std::move(obstacle), delay, now + delay, is_same ? parked.since : now};
    return parked;
  }

  void forget(const TopicPartition& partition) { parked_.erase(partition); }

  /// Those to try again now.
  std::vector<TopicPartition> take_due(TimePoint now) {
    std::vector<TopicPartition> due;
    for (auto& [partition, parked] : parked_)
      if (!parked.is_tried && now >= parked.next_try) {
        parked.is_tried = true;
        due.push_back(partition);
      }
    return due;
  }

  /// Calls `f(partition, parked)` for those that are not known to be readable: one that was tried again is given `patience` to show.
  template <class F>
  void for_each_unread(TimePoint now, std::chrono::milliseconds patience, const F& f) const {
    for (const auto& [partition, parked] : parked_)
      if (!parked.is_tried || now < parked.next_try + patience) f(partition, parked);
  }

  /// Calls `f(partition, parked)` for those that are passed over just now.
  template <class F>
  void for_each(const F& f) const {
    for (const auto& [partition, parked] : parked_)
      if (!parked.is_tried) f(partition, parked);
  }

 private:
  static constexpr int most_delays = 32;

  std::chrono::milliseconds first_delay_;
  std::map<TopicPartition, Parked> parked_;
};

}  // namespace tidemark::core
