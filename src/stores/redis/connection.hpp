#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <tidemark/error.hpp>
#include <tidemark/stores/redis/durability.hpp>
#include <tidemark/stores/redis/options.hpp>
#include <tidemark/stores/redis/reply.hpp>

#include "stores/redis/reply_reader.hpp"
#include "stores/redis/transport.hpp"

namespace tidemark::detail {

/// The connection broke, or no reply came in time: whether what was sent has been carried out is not known.
class RedisLost : public StoreError {
 public:
  explicit RedisLost(const std::string& what) : StoreError{what, Retry::yes} {}
};

/// Who is greeted: with which name and password, and what must be true of it.
struct RedisGreeting {
  std::string_view user;
  std::string_view password;
  int database = 0;
  bool must_be_master = false;
  bool must_be_durable = false;
};

/// One connection to one server, greeted and ready. For one thread at a time.
///
/// Errors: StoreError, its text without credentials. After a RedisLost the connection is of no use any more.
class RedisConnection {
 public:
  /// Connects, authenticates, and chooses the database, all within `limit`.
  RedisConnection(const RedisAddress& address, const RedisOffsetStoreOptions& options, RedisTlsContext& tls,
                  const RedisGreeting& greeting, std::chrono::milliseconds limit);

  /// Sends commands and waits for as many replies, for `timeout` at most. Error replies are replies.
  std::vector<RedisReply> exchange(std::string_view commands, std::size_t replies, std::chrono::milliseconds timeout);

  /// Whether it can still be used, as far as can be said without asking the server.
  bool is_quiet() const { return !is_broken_ && !reader_.has_rest() && transport_.is_quiet(); }
  bool is_broken() const { return is_broken_; }
  /// After a refusal that the next command would meet, too.
  void mark_broken() { is_broken_ = true; }

  /// Where it leads, for messages.
  const std::string& server() const { return server_; }

 private:
  /// How long replies are waited for, and which option says so.
  struct Limit {
    stores::Deadline deadline;
    std::chrono::milliseconds length;
    std::string_view option;
  };

  void greet(const RedisOffsetStoreOptions& options, const RedisGreeting& greeting, const Limit& limit);
  std::vector<RedisReply> exchange_within(std::string_view commands, std::size_t replies, const Limit& limit);
  std::vector<RedisReply> receive(std::size_t replies, const stores::Deadline& deadline);

  RedisConnection(const RedisAddress& address, const RedisOffsetStoreOptions& options, RedisTlsContext& tls,
                  const RedisGreeting& greeting, const Limit& limit);

  std::string server_;
  std::string secret_;  // kept out of what the server says
  RedisTransport transport_;
  RedisReplyReader reader_;
  bool is_broken_ = false;
  std::array<char, 16'384> buffer_;
};

/// What CONFIG GET says about durability, asked for in one round trip.
RedisDurability redis_durability(RedisConnection& connection, std::chrono::milliseconds timeout);

}  // namespace tidemark::detail
