#include "stores/zookeeper/options_check.hpp"

#include <fmt/format.h>

#include <charconv>
#include <limits>
#include <string>
#include <utility>

#include <tidemark/error.hpp>

#include "stores/zookeeper/layout.hpp"
#include "stores/zookeeper/text.hpp"

namespace tidemark {

namespace detail {

namespace {

void require(bool holds, const char* otherwise) {
  if (!holds) throw ConfigError{std::string{"ZooKeeperOffsetStoreOptions::"} + otherwise};
}

bool is_port(std::string_view text) {
  unsigned port = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, port);
  return error == std::errc{} && stop == end && port >= 1 && port <= 65'535;
}

std::string with_port(std::string_view server) {
  const auto colon = server.rfind(':');
  const bool bracketed = server.starts_with('[');
  const auto bracket = server.find(']');
  const bool has_port = colon != std::string_view::npos && (!bracketed || colon == bracket + 1);
  const auto host = server.substr(0, has_port ? colon : std::string_view::npos);
  const bool is_host =
      !host.empty() && host.find_first_of(" \t\r\n/@?#") == std::string_view::npos &&
      (bracketed ? host.ends_with(']') && host.size() > 2 : host.find_first_of(":[]") == std::string_view::npos);
  if (!is_host || (has_port && !is_port(server.substr(colon + 1))))
    throw ConfigError{
        fmt::format("ZooKeeperOffsetStoreOptions::servers contains {}, which is not host or host:port; an IPv6 address "
                    "stands in brackets",
                    zookeeper_shown(server))};
  return has_port ? std::string{server} : fmt::format("{}:2181", server);
}

std::string with_ports(std::string_view servers) {
  require(!servers.empty(), "servers is empty: name at least one, as host:port");
  std::string all;
  while (true) {
    const auto comma = servers.find(',');
    all += with_port(servers.substr(0, comma));
    if (comma == std::string_view::npos) return all;
    all += ',';
    servers.remove_prefix(comma + 1);
  }
}

std::string checked_chroot(std::string chroot) {
  if (chroot == "/") chroot.clear();
  if (chroot.empty()) return chroot;
  for (auto rest = std::string_view{chroot}; !rest.empty();) {
    const auto slash = rest.find('/', 1);
    const auto* fault =
        rest.front() == '/' ? zookeeper_name_fault(rest.substr(1, slash - 1)) : "it does not begin with a slash";
    if (fault)
      throw ConfigError{fmt::format("ZooKeeperOffsetStoreOptions::chroot {} is no path of a znode, such as /kafka: {}",
                                    zookeeper_shown(chroot), fault)};
    rest.remove_prefix(slash == std::string_view::npos ? rest.size() : slash);
  }
  return chroot;
}

}  // namespace

ZooKeeperOffsetStoreOptions checked(ZooKeeperOffsetStoreOptions options) {
  constexpr auto longest = std::chrono::milliseconds{std::numeric_limits<int>::max()};
  options.servers = with_ports(options.servers);
  options.chroot = checked_chroot(std::move(options.chroot));
  require(options.user.empty() == options.password.empty(), "user and password go together");
  require(options.user.find(':') == std::string::npos, "user contains a colon, which ends the name in scheme digest");
  require(!options.world_may_read || !options.user.empty(),
          "world_may_read is senseless without user: the znodes are open to all");
  require(options.session_timeout.count() > 0 && options.session_timeout <= longest,
          "session_timeout must be positive");
  require(options.call_timeout.count() > 0, "call_timeout must be positive");
  require(options.max_request_bytes >= 1'024,
          "max_request_bytes is less than 1,024: the servers' default is 1,048,575");
  return options;
}

}  // namespace detail

ZooKeeperOffsetStoreOptions zookeeper_options(std::string_view connect_string) {
  const auto slash = connect_string.find('/');
  ZooKeeperOffsetStoreOptions options;
  options.servers = connect_string.substr(0, slash);
  if (slash != std::string_view::npos) options.chroot = connect_string.substr(slash);
  return detail::checked(std::move(options));
}

}  // namespace tidemark
