#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include <tidemark/stores/redis/reply.hpp>

struct redisReader;

namespace tidemark::detail {

/// Turns the bytes that a server sends into replies, by hiredis's reader, but without its trust: what a reply claims to hold
/// costs nothing until it has arrived, and more than `max_reply_bytes` or `max_reply_elements` of one reply are refused. An element may be
/// four bytes on the wire, but is a RedisReply here.
class RedisReplyReader {
 public:
  static constexpr std::size_t max_reply_bytes = std::size_t{1} << 30;
  static constexpr std::size_t max_reply_elements = 1'000'000;

  RedisReplyReader();
  RedisReplyReader(const RedisReplyReader&) = delete;
  RedisReplyReader& operator=(const RedisReplyReader&) = delete;

  void feed(std::string_view bytes);

  /// The next whole reply, or nullopt where more bytes are needed.
  ///
  /// Errors: StoreError, retryable, for bytes that are no reply. The reader is of no use any more then.
  std::optional<RedisReply> next();

  /// Whether bytes have arrived that belong to no reply taken so far.
  bool has_rest() const;

 private:
  struct Free {
    void operator()(redisReader* reader) const;
  };
  std::unique_ptr<redisReader, Free> reader_;
  std::size_t fed_since_reply_ = 0;
  std::size_t elements_ = 0;  // of the reply that is arriving
};

}  // namespace tidemark::detail
