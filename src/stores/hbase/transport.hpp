#pragma once

#include <thrift/transport/TVirtualTransport.h>

#include <cstdint>
#include <stdexcept>
#include <string>

#include "stores/common/socket.hpp"

namespace tidemark::detail {

/// A socket as Thrift wants it, with a deadline for a whole round trip. Thrift's own one limits each read, and writes to stderr through a
/// global.
class HBaseTransport final : public apache::thrift::transport::TVirtualTransport<HBaseTransport> {
 public:
  HBaseTransport(const std::string& host, std::uint16_t port, const stores::Deadline& deadline)
      : socket_{stores::Socket::connect(host, port, deadline)}, deadline_{deadline} {}

  void set_deadline(const stores::Deadline& deadline) { deadline_ = deadline; }
  bool is_quiet() const { return socket_.is_quiet(); }

  bool isOpen() const override { return true; }

  std::uint32_t read(std::uint8_t* buffer, std::uint32_t size) {
    const auto received = socket_.receive({reinterpret_cast<char*>(buffer), size}, deadline_);
    if (received == 0) throw std::runtime_error{"the gateway closed the connection"};
    return static_cast<std::uint32_t>(received);
  }
  void write(const std::uint8_t* bytes, std::uint32_t size) {
    socket_.send({reinterpret_cast<const char*>(bytes), size}, deadline_);
  }

 private:
  stores::Socket socket_;
  stores::Deadline deadline_;
};

}  // namespace tidemark::detail
