#include "support/free_port.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <random>
#include <stdexcept>

namespace tidemark::test {

std::uint16_t free_port() {
  constexpr std::uint16_t lowest = 20'000;
  constexpr std::uint16_t highest = 32'000;
  std::random_device random;
  std::uniform_int_distribution<std::uint16_t> any_port{lowest, highest};
  boost::asio::io_context context;
  for (int attempt = 0; attempt < 1000; ++attempt) {
    const boost::asio::ip::tcp::endpoint endpoint{boost::asio::ip::address_v4::loopback(), any_port(random)};
    boost::asio::ip::tcp::acceptor acceptor{context};
    boost::system::error_code taken;
    acceptor.open(endpoint.protocol());
    acceptor.bind(endpoint, taken);
    if (!taken) return endpoint.port();
  }
  throw std::runtime_error{"no free port between 20000 and 32000 on 127.0.0.1"};
}

}  // namespace tidemark::test
