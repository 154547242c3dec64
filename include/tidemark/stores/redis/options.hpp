#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tidemark/export.hpp>

namespace tidemark {

/// Key patterns that others use already. `<topic>` and `<group>` stand for the names.
namespace redis_keys {
inline constexpr std::string_view spark = "kafka:topic:<topic>:<group>";  ///< Of Spark Streaming jobs with Jedis.
inline constexpr std::string_view offset = "offset:<topic>:<group>";      ///< Of many tutorials.
}  // namespace redis_keys

enum class RedisTopology {
  standalone,  ///< One server.
  sentinel,    ///< A master that Sentinels watch over, and replace.
  cluster,     ///< Redis Cluster.
};

struct RedisAddress {
  std::string host;
  std::uint16_t port = 6379;

  auto operator<=>(const RedisAddress&) const = default;
};

/// For `rediss://`. The server's certificate must be good, and made out to the host's name, always. The files are read again when they have
/// changed, for the next connection.
struct RedisTls {
  bool enabled = false;
  std::string ca_file{};           ///< PEM. Empty: the system's.
  std::string certificate_file{};  ///< PEM: the client's certificate, with its chain.
  std::string key_file{};          ///< PEM: the client's key.
  std::string server_name{};  ///< What the certificate must name, and SNI asks for. Empty: the host of the address.
};

/// Everything a RedisOffsetStore can be told. redis_options() fills it from a URL.
struct RedisOffsetStoreOptions {
  RedisTopology topology = RedisTopology::standalone;

  /// The server, the Sentinels, or some nodes of the cluster.
  std::vector<RedisAddress> addresses{};

  /// Instead of `addresses`: the path of a Unix socket.
  std::string unix_socket{};

  /// The name that Sentinel knows the master by.
  std::string master{};

  std::string user{};  ///< Of the ACL. Empty: the default user.
  std::string password{};
  std::string sentinel_user{};
  std::string sentinel_password{};
  int database = 0;  ///< Always 0 in a cluster.
  RedisTls tls{};

  /// What CLIENT LIST shows. Empty: nothing.
  std::string client_name = "tidemark";

  /// Where the offsets of a topic and group are: a hash of partition to next offset. Both placeholders must occur, once each, and
  /// between them a character that no topic's name has, such as ':'. In a cluster, a hash tag such as `offsets:{<group>}:<topic>`
  /// keeps what belongs together in one slot.
  std::string key_pattern{redis_keys::spark};

  /// For each attempt to connect, with the look-up of the host's name and the greeting. If a host's name has several
  /// addresses, each gets its share of that time, so one that does not answer leaves some for the others.
  std::chrono::milliseconds connect_timeout{2'000};
  std::chrono::milliseconds command_timeout{5'000};  ///< For each round trip.

  std::size_t max_connections = 30;  ///< To each server. Who comes later waits.
  std::size_t max_idle_connections = 10;

  /// How long a call waits for a connection: for a free one, for the Sentinels or nodes to say who is the master, and for attempts to
  /// connect. In a cluster also for a slot that is being moved.
  std::chrono::milliseconds checkout_timeout{10'000};

  /// A connection that was idle for longer is tried out (PING) before it is used.
  std::chrono::milliseconds idle_check_after{10'000};

  /// Replicas that must have received a commit (WAIT), within `wait_timeout`. Too few is a StoreError; the commit itself stands.
  int wait_replicas = 0;
  std::chrono::milliseconds wait_timeout{1'000};

  /// Refuse servers that may forget what they confirmed, or don't say: see RedisDurability.
  bool require_durable = false;
};

/// The options in a URL:
///
///     redis://[user[:password]@]host[:port][/database]          rediss:// is the same with TLS
///     redis://:password@host                                    a password alone
///     unix://[user[:password]@]/path/of/socket[?db=database]
///     redis+sentinel://[user[:password]@]host[:port][,host[:port]…]/master[/database]
///     redis+cluster://[user[:password]@]host[:port][,host[:port]…]
///
/// `rediss+sentinel` and `rediss+cluster` use TLS. User and password are percent-encoded where they contain `%@:/?#,`; an IPv6 address
/// stands in brackets.
///
/// Errors: ConfigError, which never contains the password.
TIDEMARK_EXPORT RedisOffsetStoreOptions redis_options(std::string_view url);

}  // namespace tidemark
