#pragma once

#include <memory>
#include <string>
#include <vector>

#include "support/redis_server.hpp"

namespace tidemark::test {

/// A master named "main" with a replica, and three Sentinels that fail over within a second or two. Ready when the constructor returns.
class RedisSentinels {
 public:
  RedisSentinels();

  /// `redis+sentinel://…/main`
  std::string url() const;

  /// Who is the master, as the Sentinels say.
  RedisServer& master();
  /// The server that is not.
  RedisServer& replica();

  /// SIGSTOP for the Sentinels: from then on they answer nothing.
  void freeze_sentinels();

  /// Waits until the replica has all that the master has.
  void wait_for_replica();
  /// Waits until the Sentinels name another master than `former`, and that one takes writes.
  void wait_for_other_master(const RedisServer& former);

 private:
  std::uint16_t master_port();
  void start_sentinel(std::uint16_t master_port);

  std::vector<std::unique_ptr<RedisServer>> servers_;
  TemporaryFolder folder_;
  std::vector<std::uint16_t> ports_;
  std::vector<std::unique_ptr<Process>> sentinels_;
};

}  // namespace tidemark::test
