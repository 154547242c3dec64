#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include <tidemark/stores/redis/options.hpp>

#include "stores/redis/deadline.hpp"

namespace tidemark::detail {

/// A connected socket. Never raises SIGPIPE, and lets signals interrupt nothing.
///
/// Errors: std::system_error; ETIMEDOUT past a deadline.
class RedisSocket {
 public:
  /// Tries all addresses of the host's name, one after the other. The look-up itself obeys no deadline.
  static RedisSocket connect(const RedisAddress& address, const RedisDeadline& deadline);
  static RedisSocket connect(const std::string& unix_path, const RedisDeadline& deadline);

  RedisSocket(RedisSocket&& other) noexcept;
  RedisSocket& operator=(RedisSocket&& other) noexcept;
  ~RedisSocket();

  void send(std::string_view bytes, const RedisDeadline& deadline);
  /// At least one byte; 0 when the other side has closed.
  std::size_t receive(std::span<char> buffer, const RedisDeadline& deadline);

  /// Whether nothing has come in and the other side has not closed: all that may be said of an idle connection without asking.
  bool is_quiet() const;

 private:
  explicit RedisSocket(int descriptor) : descriptor_{descriptor} {}

  void finish_connect(const RedisDeadline& deadline) const;
  void wait(short events, const RedisDeadline& deadline) const;
  void limit_blocking(std::chrono::milliseconds longest);

  int descriptor_ = -1;
  std::chrono::milliseconds blocks_for_{0};
};

}  // namespace tidemark::detail
