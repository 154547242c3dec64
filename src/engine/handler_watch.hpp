#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include <tidemark/observer.hpp>

#include "core/handler_clock.hpp"
#include "engine/published_progress.hpp"
#include "engine/stop_switch.hpp"

namespace tidemark::engine {

/// Sees how long a worker's handler has been at its call, and asks it to finish when its time is over.
///
/// Thread safety: shared objects safe; a Call by the worker's thread only.
class HandlerWatch {
 public:
  using TimePoint = core::HandlerClock::TimePoint;
  using Verdict = core::HandlerClock::Verdict;

  HandlerWatch(const core::HandlerClock::Limits& limits, StopSwitch& stop, PublishedProgress& published)
      : clock_{limits}, stop_{stop}, published_{published} {}

  /// Lives as long as the call; the ranges must live longer.
  class Call {
   public:
    Call(HandlerWatch& watch, std::span<const OffsetRange> ranges) : watch_{watch}, ranges_{ranges} {
      const auto now = std::chrono::steady_clock::now();
      watch_.published_.begin_handling(ranges_, now);
      const std::lock_guard lock{watch_.mutex_};
      watch_.ranges_ = ranges_;
      watch_.clock_.begin(now);
    }
    ~Call() {
      {
        const std::lock_guard lock{watch_.mutex_};
        watch_.clock_.end();
        watch_.stop_.forget_time_out();
      }
      watch_.published_.end_handling(ranges_);
    }
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

   private:
    HandlerWatch& watch_;
    std::span<const OffsetRange> ranges_;
  };

  struct Overdue {
    std::vector<OffsetRange> ranges;
    std::chrono::nanoseconds handler_time{};
    bool is_given_up = false;
  };

  /// Says each thing once a call.
  std::optional<Overdue> look(TimePoint now) {
    const std::lock_guard lock{mutex_};
    const auto verdict = clock_.look(now);
    if (verdict == Verdict::fine) return std::nullopt;
    if (verdict == Verdict::ask) stop_.time_out();
    return Overdue{{ranges_.begin(), ranges_.end()}, now - clock_.began(), verdict == Verdict::give_up};
  }

  /// Since when the handler has been at its call, and with which partitions.
  struct Busy {
    TimePoint since{};
    std::vector<OffsetRange> ranges;
  };
  std::optional<Busy> busy() const {
    const std::lock_guard lock{mutex_};
    if (!clock_.is_running()) return std::nullopt;
    return Busy{clock_.began(), {ranges_.begin(), ranges_.end()}};
  }

  /// When to look, where a call is under way.
  std::optional<TimePoint> due() const {
    const std::lock_guard lock{mutex_};
    return clock_.due();
  }

 private:
  mutable std::mutex mutex_;
  core::HandlerClock clock_;
  std::span<const OffsetRange> ranges_;
  StopSwitch& stop_;
  PublishedProgress& published_;
};

}  // namespace tidemark::engine
