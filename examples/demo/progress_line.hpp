#pragma once

#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>

/// A bar that redraws itself on a terminal; elsewhere a plain line a second.
class ProgressLine {
 public:
  /// `first` is what was done before this run: it doesn't count into the rate.
  ProgressLine(std::int64_t goal, std::int64_t first) : goal_{goal}, first_{first} {}

  void show(std::int64_t done, std::int64_t lag, bool last = false) {
    const auto now = Clock::now();
    if (!last && now < next_) return;
    next_ = now + (terminal_ ? std::chrono::milliseconds{100} : std::chrono::milliseconds{1'000});
    const std::chrono::duration<double> seconds = now - start_;
    const double rate = static_cast<double>(done - first_) / seconds.count();
    if (terminal_) std::printf("\r[%s] ", bar(done).c_str());
    std::printf("%6lld of %lld flights, %6.0f records/s, lag %5lld", static_cast<long long>(done),
                static_cast<long long>(goal_), rate, static_cast<long long>(lag));
    if (!terminal_ || last) std::printf("\n");
    std::fflush(stdout);
  }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::int64_t width = 40;

  std::string bar(std::int64_t done) const {
    const auto filled = goal_ > 0 && done < goal_ ? done * width / goal_ : width;
    return std::string(static_cast<std::size_t>(filled), '#') +
           std::string(static_cast<std::size_t>(width - filled), '.');
  }

  const std::int64_t goal_;
  const std::int64_t first_;
  const bool terminal_ = ::isatty(STDOUT_FILENO) == 1;
  const Clock::time_point start_ = Clock::now();
  Clock::time_point next_ = start_;
};
