#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include <tidemark/export.hpp>

namespace tidemark {

/// Everything a ZooKeeperOffsetStore can be told. Only `servers` has no default; zookeeper_options() fills it from a connect string.
struct ZooKeeperOffsetStoreOptions {
  /// host:port of the servers of one ensemble, separated by commas. A port that is left out is 2181; an IPv6 address stands in brackets.
  std::string servers{};

  /// The znode that everything lies below, such as "/kafka". Made where it is absent. Empty: the root.
  std::string chroot{};

  /// Who the store is to ZooKeeper (scheme `digest`). The znodes that it makes for a group are then for this user alone.
  std::string user{};
  std::string password{};

  /// Let everybody read the znodes made for `user`.
  bool world_may_read = false;

  /// After so long without a sign of life the servers give the session up. They may insist on another length: 2 to 20 ticks of theirs.
  /// After two thirds of it the client takes a silent server for dead and goes to the next.
  std::chrono::milliseconds session_timeout{10'000};

  /// How long a call takes at most, new connections and the resolution of lost replies included.
  std::chrono::milliseconds call_timeout{15'000};

  /// The largest request that the servers take: their `jute.maxbuffer`. A commit is one request, of about 80 bytes a partition.
  std::size_t max_request_bytes = 1'048'575;
};

/// The options in ZooKeeper's usual connect string, `host:port[,host:port…][/chroot]`.
///
/// Errors: ConfigError.
TIDEMARK_EXPORT ZooKeeperOffsetStoreOptions zookeeper_options(std::string_view connect_string);

}  // namespace tidemark
