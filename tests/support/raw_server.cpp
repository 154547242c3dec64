#include "support/raw_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace tidemark::test {

class RawServer::Impl {
 public:
  explicit Impl(Answer answer)
      : answer_{std::move(answer)}, listening_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(listening_, reinterpret_cast<const sockaddr*>(&address), size) != 0 || ::listen(listening_, 16) != 0 ||
        ::getsockname(listening_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
      throw std::system_error{errno, std::generic_category(), "listen"};
    port_ = ntohs(address.sin_port);
    accepting_ = std::thread{[this] { accept(); }};
  }
  ~Impl() {
    ::shutdown(listening_, SHUT_RDWR);
    accepting_.join();
    {
      const std::lock_guard lock{mutex_};
      for (const int each : connections_) ::shutdown(each, SHUT_RDWR);
    }
    for (auto& each : serving_) each.join();
    for (const int each : connections_) ::close(each);
    ::close(listening_);
  }

  std::uint16_t port() const { return port_; }

 private:
  void accept() {
    for (int connection = 0; (connection = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC)) >= 0;) {
      const std::lock_guard lock{mutex_};
      connections_.push_back(connection);
      serving_.emplace_back([this, connection] { serve(connection); });
    }
  }
  void serve(int connection) const {
    std::array<char, 16'384> buffer{};
    while (true) {
      const auto size = ::recv(connection, buffer.data(), buffer.size(), 0);
      if (size <= 0) return;
      std::string_view received{buffer.data(), static_cast<std::size_t>(size)};
      for (auto answer = answer_(received); !answer.empty(); answer = answer_({}))
        for (std::string_view rest{answer}; !rest.empty();) {
          const auto sent = ::send(connection, rest.data(), rest.size(), MSG_NOSIGNAL);
          if (sent <= 0) return;
          rest.remove_prefix(static_cast<std::size_t>(sent));
        }
    }
  }

  Answer answer_;
  int listening_;
  std::uint16_t port_ = 0;
  std::thread accepting_;
  std::mutex mutex_;
  std::vector<int> connections_;
  std::vector<std::thread> serving_;
};

RawServer::RawServer(Answer answer) : impl_{std::make_unique<Impl>(std::move(answer))} {}
RawServer::~RawServer() = default;
std::uint16_t RawServer::port() const { return impl_->port(); }

}  // namespace tidemark::test
