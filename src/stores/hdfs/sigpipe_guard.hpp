#pragma once

#include <csignal>

namespace tidemark::hdfs {

/// Keeps SIGPIPE from this thread, and from the process, while it lives: TLS libraries write to sockets in a way that raises it. The
/// process's handlers stay as they are.
class SigpipeGuard {
 public:
  SigpipeGuard() {
    sigset_t pending;
    ::sigpending(&pending);
    was_pending_ = ::sigismember(&pending, SIGPIPE) == 1;
    ::pthread_sigmask(SIG_BLOCK, &sigpipe(), &before_);
  }
  ~SigpipeGuard() {
    const timespec at_once{};
    if (!was_pending_) ::sigtimedwait(&sigpipe(), nullptr, &at_once);
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  SigpipeGuard(const SigpipeGuard&) = delete;
  SigpipeGuard& operator=(const SigpipeGuard&) = delete;

 private:
  static const sigset_t& sigpipe() {
    static const sigset_t set = [] {
      sigset_t only;
      ::sigemptyset(&only);
      ::sigaddset(&only, SIGPIPE);
      return only;
    }();
    return set;
  }

  sigset_t before_{};
  bool was_pending_ = false;
};

}  // namespace tidemark::hdfs
