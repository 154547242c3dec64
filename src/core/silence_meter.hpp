#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <utility>

#include <tidemark/topic_partition.hpp>

#include "core/invariant.hpp"
#include "core/progress.hpp"

namespace tidemark::core {

/// Finds partitions of which nothing comes for long: no record, and no word either that there is none. Whatever the cause, a partition
/// must not stand still in silence.
///
/// Time counts only while all that came is looked at: a worker that is busy has records waiting, and its fetchers rest.
///
/// Thread safety: distinct objects safe; shared objects unsafe.
class SilenceMeter {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  explicit SilenceMeter(std::chrono::milliseconds limit) : limit_{limit} { TIDEMARK_EXPECTS(limit.count() > 0); }

  /// To be called when everything that came was taken. Calls `tell(partition, next, quiet_for)` for each that is to be spoken of: again
  /// after each `limit`. `is_held(partition)`: nothing of it is read for now, as it was asked.
  template <class IsHeld, class Tell>
  void look(const Progress& progress, TimePoint now, const IsHeld& is_held, const Tell& tell) {
    if (now < next_look_) return;
    const auto step = limit_ / 5;
    const auto passed = std::min<TimePoint::duration>(now - (next_look_ - step), 2 * step);
    next_look_ = now + step;
    std::map<TopicPartition, Quiet> still;
    progress.for_each_awaited([&](const Progress::Cursor& cursor) {
      if (is_held(cursor.partition())) return;
      auto& quiet = still.try_emplace(cursor.partition(), Quiet{cursor.next()}).first->second;
      const auto before = quiet_.find(cursor.partition());
      if (before == quiet_.end() || before->second.next != cursor.next()) return;
      quiet = before->second;
      quiet.time += passed;
      TIDEMARK_INVARIANT(39, quiet.told <= quiet.time);
      if (quiet.time - quiet.told < limit_) return;
      quiet.told = quiet.time;
      tell(cursor.partition(), cursor.next(), std::chrono::duration_cast<std::chrono::milliseconds>(quiet.time));
    });
    quiet_ = std::move(still);
  }

 private:
  struct Quiet {
    std::int64_t next = 0;
    TimePoint::duration time{};
    TimePoint::duration told{};
  };

  std::chrono::milliseconds limit_;
  TimePoint next_look_{};
  std::map<TopicPartition, Quiet> quiet_;
};

}  // namespace tidemark::core
