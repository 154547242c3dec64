#pragma once

#include <chrono>
#include <cstddef>
#include <utility>

namespace tidemark::lines {

/// Lets so many lines through in a period, and counts the others.
///
/// Thread safety: distinct objects safe; shared objects unsafe.
class LineLimit {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// Whether a line may be written.
  bool admit(TimePoint now, std::size_t most, std::chrono::milliseconds per) {
    if (now - began_ >= per) {
      began_ = now;
      written_ = 0;
    }
    if (written_ < most) {
      ++written_;
      return true;
    }
    ++left_out_;
    return false;
  }

  /// How many were left out in periods that are over, since this was asked last.
  std::size_t take_left_out(TimePoint now, std::chrono::milliseconds per) {
    return now - began_ >= per ? std::exchange(left_out_, 0) : 0;
  }

 private:
  TimePoint began_{};
  std::size_t written_ = 0;
  std::size_t left_out_ = 0;
};

}  // namespace tidemark::lines
