#include "stores/common/socket.hpp"

#include <arpa/inet.h>

#include <chrono>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "support/catch.hpp"

using namespace tidemark;
using namespace std::chrono_literals;
using stores::Deadline;
using stores::Descriptor;
using stores::Socket;

namespace {

sockaddr_in loopback(const char* address, std::uint16_t port) {
  sockaddr_in made{};
  made.sin_family = AF_INET;
  made.sin_port = htons(port);
  REQUIRE(::inet_pton(AF_INET, address, &made.sin_addr) == 1);
  return made;
}

Descriptor tcp_socket() { return Descriptor{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)}; }

/// Listens at an address; a silent one answers no attempt to connect, like a host that is gone.
class Listener {
 public:
  Listener(const char* address, std::uint16_t port, bool is_silent)
      : at_{loopback(address, port)}, listening_{tcp_socket()} {
    const int on = 1;
    ::setsockopt(listening_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    REQUIRE(::bind(listening_.get(), reinterpret_cast<const sockaddr*>(&at_), sizeof at_) == 0);
    REQUIRE(::listen(listening_.get(), is_silent ? 0 : 8) == 0);
    socklen_t size = sizeof at_;
    ::getsockname(listening_.get(), reinterpret_cast<sockaddr*>(&at_), &size);
    if (!is_silent) return;
    // Once the queue of connections that nobody accepts is full, Linux drops further requests.
    for (int i = 0; i < 4; ++i) {
      fill_.push_back(tcp_socket());
      ::connect(fill_.back().get(), reinterpret_cast<const sockaddr*>(&at_), sizeof at_);
    }
  }
  std::uint16_t port() const { return ntohs(at_.sin_port); }

 private:
  sockaddr_in at_;
  Descriptor listening_;
  std::vector<Descriptor> fill_;
};

/// The addresses of a host's name.
class Addresses {
 public:
  Addresses(std::uint16_t port, const std::vector<const char*>& addresses) {
    for (const auto* each : addresses) {
      names_.push_back(loopback(each, port));
      addrinfo entry{};
      entry.ai_family = AF_INET;
      entry.ai_addr = reinterpret_cast<sockaddr*>(&names_.back());
      entry.ai_addrlen = sizeof names_.back();
      list_.push_back(entry);
      if (list_.size() > 1) list_[list_.size() - 2].ai_next = &list_.back();
    }
  }
  const addrinfo& first() const { return list_.front(); }

 private:
  std::deque<sockaddr_in> names_;
  std::deque<addrinfo> list_;
};

}  // namespace

TEST_CASE("a silent address leaves time for the others of the host", "[unit]") {
  const Listener answering{"127.0.0.3", 0, false};
  const Listener silent{"127.0.0.1", answering.port(), true};
  const Listener also_silent{"127.0.0.2", answering.port(), true};
  const auto began = Deadline::Clock::now();
  const Addresses two{answering.port(), {"127.0.0.1", "127.0.0.3"}};
  CHECK_NOTHROW(Socket::connect(two.first(), Deadline{600ms}));
  const Addresses three{answering.port(), {"127.0.0.1", "127.0.0.2", "127.0.0.3"}};
  CHECK_NOTHROW(Socket::connect(three.first(), Deadline{600ms}));
  CHECK(Deadline::Clock::now() - began < 1'200ms);
}

TEST_CASE("an address that refuses leaves its share of the time to the next", "[unit]") {
  const Listener silent{"127.0.0.1", 0, true};
  const auto began = Deadline::Clock::now();
  const Addresses addresses{silent.port(), {"127.0.0.2", "127.0.0.1"}};
  std::optional<std::error_code> failure;
  try {
    Socket::connect(addresses.first(), Deadline{300ms});
  } catch (const std::system_error& error) {
    failure = error.code();
  }
  CHECK(failure == std::errc::timed_out);
  CHECK(Deadline::Clock::now() - began >= 300ms);
}
