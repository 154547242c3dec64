#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace tidemark::testing {

/// One end of a conversation in lines between two processes.
class LineChannel {
 public:
  explicit LineChannel(int fd) : fd_{fd} {}

  void send(std::string_view line);
  /// Throws a ConformanceFailure where the other end is gone, or silent for a minute.
  std::string receive();
  /// What the other end had said before it was gone; nullopt after the last line.
  std::optional<std::string> receive_rest();

 private:
  int fd_;
  std::string pending_;
};

/// A forked child that runs `body` and ends without unwinding the parent's stack or running its exit handlers. What `body` throws
/// arrives as the line "error: …". The destructor ends the child.
class ChildProcess {
 public:
  explicit ChildProcess(const std::function<void(LineChannel&)>& body);
  ~ChildProcess();

  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  LineChannel& channel() { return channel_; }
  /// SIGKILL; returns once the child is gone.
  void kill() noexcept;

 private:
  int fds_[2];
  pid_t pid_;
  LineChannel channel_;
};

}  // namespace tidemark::testing
