#include "stores/redis/socket.hpp"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <memory>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace tidemark::detail {

namespace {

[[noreturn]] void fail(int error, const char* what) { throw std::system_error{error, std::generic_category(), what}; }

int new_socket(int family) {
  const int descriptor = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor < 0) fail(errno, "socket");
  return descriptor;
}

using AddressList = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

AddressList look_up(const RedisAddress& address) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &found);
  if (error == EAI_SYSTEM) fail(errno, "look up the host");
  if (error != 0) throw std::runtime_error{std::string{"look up the host: "} + ::gai_strerror(error)};
  return {found, &::freeaddrinfo};
}

}  // namespace

RedisSocket::RedisSocket(RedisSocket&& other) noexcept
    : descriptor_{std::exchange(other.descriptor_, -1)}, blocks_for_{other.blocks_for_} {}

RedisSocket& RedisSocket::operator=(RedisSocket&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(blocks_for_, other.blocks_for_);
  return *this;
}

RedisSocket::~RedisSocket() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

RedisSocket RedisSocket::connect(const RedisAddress& address, const RedisDeadline& deadline) {
  const auto found = look_up(address);
  for (const auto* each = found.get();; each = each->ai_next) {
    try {
      RedisSocket socket{new_socket(each->ai_family)};
      const int on = 1;
      ::setsockopt(socket.descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      ::setsockopt(socket.descriptor_, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
      if (::connect(socket.descriptor_, each->ai_addr, each->ai_addrlen) != 0 && errno != EINPROGRESS)
        fail(errno, "connect");
      socket.finish_connect(deadline);
      return socket;
    } catch (const std::system_error&) {
      if (each->ai_next == nullptr || deadline.is_over()) throw;
    }
  }
}

RedisSocket RedisSocket::connect(const std::string& unix_path, const RedisDeadline& deadline) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (unix_path.size() >= sizeof address.sun_path) fail(ENAMETOOLONG, "connect");
  std::memcpy(address.sun_path, unix_path.data(), unix_path.size());
  RedisSocket socket{new_socket(AF_UNIX)};
  if (::connect(socket.descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    fail(errno, "connect");
  socket.finish_connect(deadline);
  return socket;
}

void RedisSocket::finish_connect(const RedisDeadline& deadline) const {
  wait(POLLOUT, deadline);
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) fail(error, "connect");
  // From here on a reply is simply waited for, within SO_RCVTIMEO: that saves a system call each time.
  ::fcntl(descriptor_, F_SETFL, ::fcntl(descriptor_, F_GETFL) & ~O_NONBLOCK);
}

void RedisSocket::wait(short events, const RedisDeadline& deadline) const {
  pollfd polled{descriptor_, events, 0};
  while (true) {
    const auto left = std::min<std::int64_t>(deadline.left().count(), std::numeric_limits<int>::max());
    const int ready = ::poll(&polled, 1, static_cast<int>(left));
    if (ready > 0) return;
    if (ready < 0 && errno != EINTR) fail(errno, "wait");
    if (deadline.is_over()) fail(ETIMEDOUT, "wait");
  }
}

void RedisSocket::send(std::string_view bytes, const RedisDeadline& deadline) {
  while (!bytes.empty()) {
    const auto sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0)
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    else if (errno == EAGAIN || errno == EWOULDBLOCK)
      wait(POLLOUT, deadline);
    else if (errno != EINTR)
      fail(errno, "send");
  }
}

std::size_t RedisSocket::receive(std::span<char> buffer, const RedisDeadline& deadline) {
  while (true) {
    const auto left = deadline.left();
    if (left.count() == 0) fail(ETIMEDOUT, "receive");
    limit_blocking(left);
    const auto received = ::recv(descriptor_, buffer.data(), buffer.size(), 0);
    if (received >= 0) return static_cast<std::size_t>(received);
    if (errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK) fail(errno, "receive");
  }
}

// Left as it is while it's at most a little too long, since that is a system call, too.
void RedisSocket::limit_blocking(std::chrono::milliseconds longest) {
  constexpr std::chrono::milliseconds tolerance{50};
  if (blocks_for_.count() > 0 && blocks_for_ <= longest + tolerance && blocks_for_ >= longest - tolerance) return;
  blocks_for_ = longest;
  timeval limit{};
  limit.tv_sec = longest.count() / 1000;
  limit.tv_usec = (longest.count() % 1000) * 1000;
  ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
}

bool RedisSocket::is_quiet() const {
  char byte = 0;
  const auto received = ::recv(descriptor_, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return received < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

}  // namespace tidemark::detail
