#pragma once

#include <memory>
#include <span>
#include <string_view>

#include <tidemark/stores/redis/options.hpp>

#include "stores/common/socket.hpp"
#include "stores/redis/tls/session.hpp"

namespace tidemark::detail {

/// A socket, with TLS around it where the options say so.
///
/// Errors: std::system_error, ETIMEDOUT past a deadline; what RedisTlsSession throws.
class RedisTransport {
 public:
  RedisTransport(const RedisAddress& address, const RedisOffsetStoreOptions& options, RedisTlsContext& tls,
                 const stores::Deadline& deadline)
      : socket_{options.unix_socket.empty() ? stores::Socket::connect(address.host, address.port, deadline)
                                            : stores::Socket::connect(options.unix_socket, deadline)} {
    if (options.tls.enabled) tls_ = std::make_unique<RedisTlsSession>(tls, address.host, socket_, deadline);
  }

  void send(std::string_view bytes, const stores::Deadline& deadline) {
    tls_ ? tls_->send(socket_, bytes, deadline) : socket_.send(bytes, deadline);
  }
  std::size_t receive(std::span<char> buffer, const stores::Deadline& deadline) {
    return tls_ ? tls_->receive(socket_, buffer, deadline) : socket_.receive(buffer, deadline);
  }
  bool is_quiet() const { return (!tls_ || !tls_->has_rest()) && socket_.is_quiet(); }

 private:
  stores::Socket socket_;
  std::unique_ptr<RedisTlsSession> tls_;
};

}  // namespace tidemark::detail
