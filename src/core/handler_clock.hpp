#pragma once

#include <chrono>
#include <optional>

#include <tidemark/detail/deadline.hpp>

#include "core/invariant.hpp"

namespace tidemark::core {

/// How long a call of the handler may take. When its time is over it is asked to finish, and after a grace it is given up.
///
/// Thread safety: distinct objects safe; shared objects unsafe.
class HandlerClock {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  struct Limits {
    std::chrono::milliseconds timeout{0};  ///< 0: none.
    std::chrono::milliseconds grace{0};
  };

  enum class Verdict { fine, ask, give_up };

  explicit HandlerClock(const Limits& limits) : limits_{limits} {}

  void begin(TimePoint now) {
    TIDEMARK_EXPECTS(!due_);
    began_ = now;
    if (limits_.timeout.count() > 0) due_ = detail::later(now, limits_.timeout);
    asked_ = false;
    is_running_ = true;
  }
  void end() {
    due_.reset();
    is_running_ = false;
  }
  bool is_running() const { return is_running_; }

  /// Each of the two that are not fine is said once a call.
  Verdict look(TimePoint now) {
    if (!due_ || now < *due_) return Verdict::fine;
    TIDEMARK_EXPECTS(now >= began_);
    if (asked_) {
      due_.reset();
      return Verdict::give_up;
    }
    asked_ = true;
    due_ = detail::later(now, limits_.grace);
    return Verdict::ask;
  }

  TimePoint began() const { return began_; }
  /// When look() has something to say.
  std::optional<TimePoint> due() const { return due_; }

 private:
  Limits limits_;
  TimePoint began_{};
  std::optional<TimePoint> due_;
  bool asked_ = false;
  bool is_running_ = false;
};

}  // namespace tidemark::core
