#pragma once

#include <thrift/transport/TVirtualTransport.h>

#include <cstdint>
#include <stdexcept>
#include <string>

#include "stores/hbase/socket.hpp"

namespace tidemark::detail {

/// A socket as Thrift wants it, with a deadline for a whole round trip.
class HBaseTransport final : public apache::thrift::transport::TVirtualTransport<HBaseTransport> {
 public:
  HBaseTransport(const std::string& host, std::uint16_t port, const HBaseDeadline& deadline)
      : socket_{host, port, deadline}, deadline_{deadline} {}

  void set_deadline(const HBaseDeadline& deadline) { deadline_ = deadline; }
  bool is_quiet() const { return socket_.is_quiet(); }

  bool isOpen() const override { return true; }

  std::uint32_t read(std::uint8_t* buffer, std::uint32_t size) {
    const auto received = socket_.receive({buffer, size}, deadline_);
    if (received == 0) throw std::runtime_error{"the gateway closed the connection"};
    return static_cast<std::uint32_t>(received);
  }
  void write(const std::uint8_t* bytes, std::uint32_t size) { socket_.send({bytes, size}, deadline_); }

 private:
  HBaseSocket socket_;
  HBaseDeadline deadline_;
};

}  // namespace tidemark::detail
