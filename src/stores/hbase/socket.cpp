#include "stores/hbase/socket.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <limits>
#include <memory>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace tidemark::detail {

namespace {

[[noreturn]] void fail(int error, const char* what) { throw std::system_error{error, std::generic_category(), what}; }

using AddressList = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

AddressList look_up(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (error == EAI_SYSTEM) fail(errno, "look up the host");
  if (error != 0) throw std::runtime_error{std::string{"look up the host: "} + ::gai_strerror(error)};
  return {found, &::freeaddrinfo};
}

}  // namespace

HBaseSocket::HBaseSocket(const std::string& host, std::uint16_t port, const HBaseDeadline& deadline) {
  const auto found = look_up(host, port);
  for (const auto* each = found.get(); descriptor_ < 0; each = each->ai_next) {
    try {
      connect(each->ai_family, each->ai_addr, each->ai_addrlen, deadline);
    } catch (const std::system_error&) {
      close();
      if (each->ai_next == nullptr || deadline.left().count() == 0) throw;
    }
  }
}

HBaseSocket::~HBaseSocket() { close(); }

void HBaseSocket::close() {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

void HBaseSocket::connect(int family, const void* address, unsigned size, const HBaseDeadline& deadline) {
  descriptor_ = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor_ < 0) fail(errno, "socket");
  const int on = 1;
  ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(descriptor_, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  if (::connect(descriptor_, static_cast<const sockaddr*>(address), size) == 0) return;
  if (errno != EINPROGRESS) fail(errno, "connect");
  wait(POLLOUT, deadline);
  int error = 0;
  socklen_t error_size = sizeof error;
  ::getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &error, &error_size);
  if (error != 0) fail(error, "connect");
}

void HBaseSocket::wait(short events, const HBaseDeadline& deadline) const {
  pollfd polled{descriptor_, events, 0};
  while (true) {
    const auto left = std::min<std::int64_t>(deadline.left().count(), std::numeric_limits<int>::max());
    if (left == 0) fail(ETIMEDOUT, "wait");
    const int ready = ::poll(&polled, 1, static_cast<int>(left));
    if (ready > 0) return;
    if (ready < 0 && errno != EINTR) fail(errno, "wait");
  }
}

void HBaseSocket::send(std::span<const std::uint8_t> bytes, const HBaseDeadline& deadline) {
  while (!bytes.empty()) {
    const auto sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0)
      bytes = bytes.subspan(static_cast<std::size_t>(sent));
    else if (errno == EAGAIN || errno == EWOULDBLOCK)
      wait(POLLOUT, deadline);
    else if (errno != EINTR)
      fail(errno, "send");
  }
}

std::size_t HBaseSocket::receive(std::span<std::uint8_t> buffer, const HBaseDeadline& deadline) {
  while (true) {
    wait(POLLIN, deadline);
    const auto received = ::recv(descriptor_, buffer.data(), buffer.size(), 0);
    if (received >= 0) return static_cast<std::size_t>(received);
    if (errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK) fail(errno, "receive");
  }
}

bool HBaseSocket::is_quiet() const {
  char byte = 0;
  const auto received = ::recv(descriptor_, &byte, 1, MSG_PEEK);
  return received < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

}  // namespace tidemark::detail
