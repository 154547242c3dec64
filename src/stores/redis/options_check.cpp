#include "stores/redis/options_check.hpp"

#include <algorithm>
#include <string>

#include <tidemark/error.hpp>

#include "stores/common/host_name.hpp"
#include "stores/redis/tls/session.hpp"

namespace tidemark::detail {

namespace {

void require(bool holds, const char* otherwise) {
  if (!holds) throw ConfigError{std::string{"RedisOffsetStoreOptions::"} + otherwise};
}

void check_addresses(const RedisOffsetStoreOptions& options) {
  const bool has_socket = !options.unix_socket.empty();
  require(options.addresses.empty() == has_socket, "addresses: name a server, or unix_socket, but not both");
  require(std::ranges::all_of(options.addresses,
                              [](const RedisAddress& address) { return !address.host.empty() && address.port != 0; }),
          "addresses holds one without host or port");
  require(std::ranges::all_of(options.addresses,
                              [](const RedisAddress& address) { return stores::is_host_name(address.host); }),
          "addresses holds a host with a character that no host's name has");
  if (options.topology == RedisTopology::standalone)
    require(has_socket || options.addresses.size() == 1,
            "addresses holds several, so say what they are: RedisTopology::sentinel or cluster");
  else
    require(!has_socket, "unix_socket leads to one server: use RedisTopology::standalone");
  require(
      (options.topology == RedisTopology::sentinel) != options.master.empty(),
      "master is the name that Sentinels know the master by: needed with RedisTopology::sentinel, senseless otherwise");
}

void check_login(const RedisOffsetStoreOptions& options) {
  require(options.user.empty() || !options.password.empty(), "user needs a password");
  require(options.sentinel_user.empty() || !options.sentinel_password.empty(),
          "sentinel_user needs a sentinel_password");
  require(options.database >= 0, "database is negative");
  require(options.database == 0 || options.topology != RedisTopology::cluster, "database must be 0 in a cluster");
  require(std::ranges::all_of(options.client_name, [](char c) { return c > ' ' && c <= '~'; }),
          "client_name may contain visible ASCII only, and no spaces");
}

void check_limits(const RedisOffsetStoreOptions& options) {
  require(options.connect_timeout.count() > 0, "connect_timeout must be positive");
  require(options.command_timeout.count() > 0, "command_timeout must be positive");
  require(options.checkout_timeout.count() >= 0, "checkout_timeout is negative");
  require(options.idle_check_after.count() >= 0, "idle_check_after is negative");
  require(options.max_connections > 0, "max_connections must be at least 1");
  require(options.wait_replicas >= 0, "wait_replicas is negative");
  require(options.wait_replicas == 0 || options.wait_timeout.count() > 0,
          "wait_timeout must be positive: Redis takes 0 for ever");
}

void check_tls(const RedisOffsetStoreOptions& options) {
  const auto& tls = options.tls;
  require(
      !tls.enabled || RedisTlsSession::is_available(),
      "tls cannot be enabled: tidemark was built without TLS for Redis, since hiredis_ssl (of hiredis 1.0 or newer) "
      "was not found then; build it with TIDEMARK_REDIS_TLS=ON, or use redis:// over a network that is safe");
  require(!tls.enabled || options.unix_socket.empty(), "tls is not for a Unix socket");
  require(tls.enabled || (tls.ca_file.empty() && tls.certificate_file.empty() && tls.key_file.empty()),
          "tls names certificates, but is not enabled: use rediss://");
  require(tls.certificate_file.empty() == tls.key_file.empty(),
          "tls needs both certificate_file and key_file, or neither");
}

}  // namespace

const RedisOffsetStoreOptions& checked(const RedisOffsetStoreOptions& options) {
  check_addresses(options);
  check_login(options);
  check_limits(options);
  check_tls(options);
  return options;
}

}  // namespace tidemark::detail
