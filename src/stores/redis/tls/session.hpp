#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tidemark/stores/redis/options.hpp>

#include "stores/common/socket.hpp"

struct ssl_ctx_st;

namespace tidemark::detail {

/// The certificates of a store. They are loaded once, for all connections, and anew when one of the files has changed: renewed ones are
/// taken up without a restart. While the new files can't be loaded, because they are being written, the old ones stay in use.
///
/// Thread safety: shared objects safe.
class RedisTlsContext {
 public:
  /// `options` must outlive it. Loads nothing yet.
  explicit RedisTlsContext(const RedisTls& options) : options_{options} {}

  const RedisTls& options() const { return options_; }

  /// OpenSSL's object.
  ///
  /// Errors: ConfigError for files that can't be used.
  std::shared_ptr<ssl_ctx_st> loaded();

 private:
  /// What tells a file from what it was before.
  using Versions = std::vector<std::pair<std::filesystem::file_time_type, std::uintmax_t>>;

  Versions versions() const;

  const RedisTls& options_;
  std::mutex mutex_;
  Versions versions_;
  std::shared_ptr<ssl_ctx_st> loaded_;
};

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
  RedisTlsSession(RedisTlsContext& context, const std::string& host, stores::Socket& socket,
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
