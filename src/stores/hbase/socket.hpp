#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "stores/hbase/deadline.hpp"

namespace tidemark::detail {

/// A connected socket. Thrift's own one limits each read, not a whole round trip, and writes to stderr through a global.
/// Never raises SIGPIPE, and lets signals interrupt nothing.
///
/// Errors: std::system_error; ETIMEDOUT past a deadline.
class HBaseSocket {
 public:
  /// Tries all addresses of the host's name, one after the other. The look-up itself obeys no deadline.
  HBaseSocket(const std::string& host, std::uint16_t port, const HBaseDeadline& deadline);
  ~HBaseSocket();
  HBaseSocket(const HBaseSocket&) = delete;
  HBaseSocket& operator=(const HBaseSocket&) = delete;

  void send(std::span<const std::uint8_t> bytes, const HBaseDeadline& deadline);
  /// At least one byte; 0 when the other side has closed.
  std::size_t receive(std::span<std::uint8_t> buffer, const HBaseDeadline& deadline);

  /// Whether nothing has come in and the other side has not closed: all that may be said of an idle connection without asking.
  bool is_quiet() const;

 private:
  void connect(int family, const void* address, unsigned size, const HBaseDeadline& deadline);
  void wait(short events, const HBaseDeadline& deadline) const;
  void close();

  int descriptor_ = -1;
};

}  // namespace tidemark::detail
