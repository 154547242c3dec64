#include "testing/child_process.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "testing/conformance_failure.hpp"

namespace tidemark::testing {

namespace {

constexpr int patience_ms = 60'000;

/// Opens the pair before the fork, so that the members that need it are initialised in order.
int fork_with(int (&fds)[2]) {
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
    throw std::system_error{errno, std::generic_category(), "socketpair"};
  const auto pid = ::fork();
  if (pid < 0) {
    const auto error = errno;
    ::close(fds[0]);
    ::close(fds[1]);
    throw std::system_error{error, std::generic_category(), "fork"};
  }
  return pid;
}

[[noreturn]] void run_child(int fd, const std::function<void(LineChannel&)>& body) {
  LineChannel channel{fd};
  try {
    try {
      body(channel);
    } catch (const std::exception& error) {
      std::string text{error.what()};
      std::ranges::replace(text, '\n', ' ');
      channel.send("error: " + text);
    }
  } catch (...) {  // the parent is gone: nobody is left to tell
  }
  ::_exit(0);
}

}  // namespace

void LineChannel::send(std::string_view line) {
  auto rest = std::string{line} + '\n';
  while (!rest.empty()) {
    const auto sent = ::send(fd_, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) throw ConformanceFailure{"the other process is gone"};
    rest.erase(0, static_cast<std::size_t>(sent));
  }
}

std::string LineChannel::receive() {
  for (;;) {
    if (const auto end = pending_.find('\n'); end != std::string::npos) {
      auto line = pending_.substr(0, end);
      pending_.erase(0, end + 1);
      return line;
    }
    pollfd ready{fd_, POLLIN, 0};
    const auto count = ::poll(&ready, 1, patience_ms);
    if (count < 0 && errno == EINTR) continue;
    if (count == 0) throw ConformanceFailure{"the other process said nothing for a minute"};
    char buffer[4096];
    const auto got = ::recv(fd_, buffer, sizeof buffer, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) throw ConformanceFailure{"the other process ended before it was done"};
    pending_.append(buffer, static_cast<std::size_t>(got));
  }
}

std::optional<std::string> LineChannel::receive_rest() {
  for (;;) {
    if (pending_.find('\n') != std::string::npos) return receive();
    char buffer[4096];
    const auto got = ::recv(fd_, buffer, sizeof buffer, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return std::nullopt;
    pending_.append(buffer, static_cast<std::size_t>(got));
  }
}

ChildProcess::ChildProcess(const std::function<void(LineChannel&)>& body)
    : fds_{-1, -1}, pid_{fork_with(fds_)}, channel_{fds_[0]} {
  if (pid_ == 0) {
    ::close(fds_[0]);
    run_child(fds_[1], body);
  }
  ::close(fds_[1]);
}

ChildProcess::~ChildProcess() {
  kill();
  ::close(fds_[0]);
}

void ChildProcess::kill() noexcept {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
}

}  // namespace tidemark::testing
