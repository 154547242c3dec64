#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tidemark/stores/redis/options.hpp>
#include <tidemark/stores/redis/reply.hpp>

#include "stores/redis/arguments.hpp"
#include "stores/redis/refusal.hpp"
#include "stores/redis/script.hpp"
#include "stores/redis/servers.hpp"

namespace tidemark::detail {

/// A command, where it belongs, and what was answered.
struct RedisCall {
  std::uint16_t slot = 0;
  const RedisScript* script = nullptr;  ///< Then `keys` are its KEYS, and `arguments` its ARGV.
  RedisArguments keys{};
  RedisArguments arguments{};
  bool may_be_refused =
      false;  ///< A refusal that nothing but another command would mend stays in `reply`, and is not thrown.

  RedisReply reply{};
  std::string server{};  ///< Who has answered, for messages.
};

/// Sends calls to whom they concern, in one round trip a server, and follows where servers point: MOVED, ASK, NOSCRIPT. While a slot is
/// being moved and its keys are spread over two servers (TRYAGAIN), it waits for that, up to RedisOffsetStoreOptions::checkout_timeout.
class RedisCaller {
 public:
  RedisCaller(RedisServers& servers, const RedisOffsetStoreOptions& options) : servers_{servers}, options_{options} {}

  /// Every call is answered afterwards. With `wait`, each server then also waits for its replicas: returns how many have what was
  /// written, at least.
  ///
  /// Errors: StoreError; a RedisLost when calls may have been carried out whose answer did not come. `action` says what is being done.
  ///         Error replies are thrown, too, once everything is answered.
  std::optional<std::int64_t> run(std::span<RedisCall> calls, std::string_view action, bool wait = false);

 private:
  struct Pending;
  struct Round;
  using Group = std::vector<Pending*>;

  std::vector<Group> by_server(std::vector<Pending>& pending, const Round& round);
  void send(const Group& group, Round& round);
  RedisLease lease_for(const Group& group, const Round& round);
  std::string commands_of(const Group& group, const Round& round) const;
  void look_at(const Pending& answered, const RedisLease& lease, Round& round);
  void follow(const Pending& refused, const RedisRefusal& refusal, const RedisLease& lease, Round& round);
  static void note_replicas(const RedisReply& told, const RedisLease& lease, Round& round);

  RedisServers& servers_;
  const RedisOffsetStoreOptions& options_;
};

}  // namespace tidemark::detail
