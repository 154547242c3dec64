#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <tidemark/stores/redis/options.hpp>

#include "stores/common/socket.hpp"

namespace tidemark::detail {

/// TLS over a socket: OpenSSL works on memory, and the socket sends and receives, so that neither SIGPIPE nor a deadline is OpenSSL's
/// matter. The server's certificate must be good, and made out to the name that was asked for.
///
/// Two implementations: openssl.cpp, and none.cpp where TLS was not built.
///
/// Errors: what the socket throws; StoreError, not retryable, for a certificate that is refused; ConfigError for files that can't be read.
class RedisTlsSession {
 public:
  static bool is_available();

  /// Shakes hands. `host` is what the address names.
  RedisTlsSession(const RedisTls& options, const std::string& host, stores::Socket& socket,
                  const stores::Deadline& deadline);
  ~RedisTlsSession();

  void send(stores::Socket& socket, std::string_view bytes, const stores::Deadline& deadline);
  std::size_t receive(stores::Socket& socket, std::span<char> buffer, const stores::Deadline& deadline);
  /// Whether bytes have been decrypted that nobody has taken.
  bool has_rest() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidemark::detail
