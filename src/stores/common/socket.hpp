#pragma once

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

#include "stores/common/deadline.hpp"
#include "stores/common/descriptor.hpp"
#include "stores/common/host_lookup.hpp"

namespace tidemark::stores {

/// A connected socket. Never raises SIGPIPE, and lets signals interrupt nothing.
///
/// Errors: std::system_error; ETIMEDOUT past a deadline; StoreError once the caller waits no longer (CallScope).
class Socket {
 public:
  /// Tries all addresses of the host's name.
  static Socket connect(const std::string& host, std::uint16_t port, const Deadline& deadline);
  /// Tries the addresses one after the other. Each has its share of the time that is left, so a silent one leaves some for the others.
  static Socket connect(const addrinfo& first, const Deadline& deadline);
  static Socket connect(const std::string& unix_path, const Deadline& deadline);

  void send(std::string_view bytes, const Deadline& deadline);
  /// At least one byte; 0 when the other side has closed.
  std::size_t receive(std::span<char> buffer, const Deadline& deadline);

  /// Whether nothing has come in and the other side has not closed: all that may be said of an idle connection without asking.
  bool is_quiet() const;

 private:
  explicit Socket(int family);

  [[noreturn]] static void fail(int error, const char* what) {
    throw std::system_error{error, std::generic_category(), what};
  }
  [[noreturn]] static void time_out(const char* what) {
    CallScope::check();
    fail(ETIMEDOUT, what);
  }
  void finish_connect(const Deadline& deadline) const;
  void wait(short events, const Deadline& deadline) const;
  void limit_blocking(std::chrono::milliseconds longest);

  Descriptor descriptor_;
  std::chrono::milliseconds blocks_for_{0};
};

inline Socket::Socket(int family) : descriptor_{::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)} {
  if (!descriptor_) fail(errno, "socket");
}

inline Socket Socket::connect(const std::string& host, std::uint16_t port, const Deadline& deadline) {
  return connect(look_up(host, port, deadline).first(), deadline);
}

inline Socket Socket::connect(const addrinfo& first, const Deadline& deadline) {
  std::int64_t addresses = 0;
  for (const auto* each = &first; each != nullptr; each = each->ai_next) ++addresses;
  for (const auto* each = &first;; each = each->ai_next, --addresses) {
    try {
      Socket socket{each->ai_family};
      const int on = 1;
      ::setsockopt(socket.descriptor_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      ::setsockopt(socket.descriptor_.get(), SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
      if (::connect(socket.descriptor_.get(), each->ai_addr, each->ai_addrlen) != 0 && errno != EINPROGRESS)
        fail(errno, "connect");
      socket.finish_connect(addresses == 1 ? deadline : Deadline{deadline.left() / addresses});
      return socket;
    } catch (const std::system_error&) {
      if (each->ai_next == nullptr || deadline.is_over()) throw;
    }
  }
}

inline Socket Socket::connect(const std::string& unix_path, const Deadline& deadline) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (unix_path.size() >= sizeof address.sun_path) fail(ENAMETOOLONG, "connect");
  std::memcpy(address.sun_path, unix_path.data(), unix_path.size());
  Socket socket{AF_UNIX};
  if (::connect(socket.descriptor_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    fail(errno, "connect");
  socket.finish_connect(deadline);
  return socket;
}

inline void Socket::finish_connect(const Deadline& deadline) const {
  wait(POLLOUT, deadline);
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(descriptor_.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) fail(error, "connect");
  // From here on a reply is simply waited for, within SO_RCVTIMEO: that saves a system call each time.
  ::fcntl(descriptor_.get(), F_SETFL, ::fcntl(descriptor_.get(), F_GETFL) & ~O_NONBLOCK);
}

inline void Socket::wait(short events, const Deadline& deadline) const {
  pollfd polled{descriptor_.get(), events, 0};
  while (true) {
    const int ready = ::poll(&polled, 1, static_cast<int>(deadline.until_next_look().count()));
    if (ready > 0) return;
    if (ready < 0 && errno != EINTR) fail(errno, "wait");
    if (deadline.is_over()) time_out("wait");
  }
}

inline void Socket::send(std::string_view bytes, const Deadline& deadline) {
  while (!bytes.empty()) {
    const auto sent = ::send(descriptor_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0)
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    else if (errno == EAGAIN || errno == EWOULDBLOCK)
      wait(POLLOUT, deadline);
    else if (errno != EINTR)
      fail(errno, "send");
  }
}

inline std::size_t Socket::receive(std::span<char> buffer, const Deadline& deadline) {
  while (true) {
    const auto longest = deadline.until_next_look();
    if (longest.count() == 0) time_out("receive");
    limit_blocking(longest);
    const auto received = ::recv(descriptor_.get(), buffer.data(), buffer.size(), 0);
    if (received >= 0) return static_cast<std::size_t>(received);
    if (errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK) fail(errno, "receive");
  }
}

// Left as it is while it's at most a little too long, since that is a system call, too.
inline void Socket::limit_blocking(std::chrono::milliseconds longest) {
  constexpr std::chrono::milliseconds tolerance{50};
  if (blocks_for_.count() > 0 && blocks_for_ <= longest + tolerance && blocks_for_ >= longest - tolerance) return;
  blocks_for_ = longest;
  timeval limit{};
  limit.tv_sec = longest.count() / 1000;
  limit.tv_usec = (longest.count() % 1000) * 1000;
  ::setsockopt(descriptor_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
}

inline bool Socket::is_quiet() const {
  char byte = 0;
  const auto received = ::recv(descriptor_.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return received < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

}  // namespace tidemark::stores
