#pragma once

#include <array>
#include <csignal>

namespace tidemark::detail {

/// Handlers for SIGINT and SIGTERM that write into a pipe, and what was there before. One at a time in a process.
///
/// A handler may run in any thread, at any time. It uses nothing but atomics without locks, write() and sigaction().
///
/// Thread safety: wait() by one thread; cancel() from any other.
/// Errors:        std::system_error.
class SignalPipe {
 public:
  /// Installs the handlers, but for signals that are ignored.
  SignalPipe();
  /// Puts back what was there, unless somebody else has installed handlers meanwhile, and waits for handlers that are at work.
  ~SignalPipe();

  SignalPipe(const SignalPipe&) = delete;
  SignalPipe& operator=(const SignalPipe&) = delete;

  /// Whether a signal has come, and what was there before is back.
  static bool has_fired();

  /// Until the next signal: true. False: cancelled.
  bool wait() const;
  void cancel() const;

 private:
  static void handle(int signal) noexcept;

  std::array<int, 2> ends_{};  // to read from, and to write to
};

}  // namespace tidemark::detail
