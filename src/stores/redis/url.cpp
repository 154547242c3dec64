#include <tidemark/stores/redis/options.hpp>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "stores/common/url.hpp"

namespace tidemark {

namespace {

constexpr stores::UrlRefusal refuse{"the Redis URL",
                                    "it must be redis://[user[:password]@]host[:port][/database], or begin with "
                                    "rediss://, unix://, redis+sentinel:// or "
                                    "redis+cluster://"};

template <class Number>
Number number(std::string_view text, std::string_view what) {
  Number value = 0;
  const auto* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || rest != end)
    refuse(std::string{"has a "}.append(what).append(" that is no number, or too large"));
  return value;
}

std::string decoded(std::string_view text) { return stores::url_decoded(text, refuse); }

/// Takes what stands before `mark` off the front of `text`; nullopt, and nothing taken, where there is no mark.
std::optional<std::string_view> take_before(std::string_view& text, char mark) {
  const auto at = text.find(mark);
  if (at == std::string_view::npos) return std::nullopt;
  const auto before = text.substr(0, at);
  text.remove_prefix(at + 1);
  return before;
}

RedisAddress address(std::string_view text, std::uint16_t usual_port) {
  RedisAddress result{stores::take_url_host(text, refuse), usual_port};
  if (!text.empty()) result.port = number<std::uint16_t>(text.substr(1), "port");
  if (result.port == 0) refuse("has the port 0");
  return result;
}

void take_login(std::string_view& rest, std::string_view authority, RedisOffsetStoreOptions& options) {
  const auto at = authority.rfind('@');
  if (at == std::string_view::npos) return;
  auto login = authority.substr(0, at);
  rest.remove_prefix(at + 1);
  if (const auto user = take_before(login, ':'))
    options.user = decoded(*user);
  else
    refuse("has a user without a password: write :password@ for a password alone");
  options.password = decoded(login);
  if (options.password.empty()) refuse("has an empty password");
}

void read_unix(std::string_view rest, RedisOffsetStoreOptions& options) {
  take_login(rest, rest.substr(0, rest.find('/')), options);
  const auto path = rest.substr(0, rest.find('?'));
  rest.remove_prefix(path.size());
  if (!path.starts_with('/')) refuse("has no absolute path after unix://");
  options.unix_socket = decoded(path);
  if (rest.empty()) return;
  if (!rest.starts_with("?db=")) refuse("has something else than ?db= after the path");
  options.database = number<int>(rest.substr(4), "database");
}

void read_network(std::string_view rest, RedisOffsetStoreOptions& options) {
  take_login(rest, rest.substr(0, rest.find('/')), options);
  auto hosts = rest.substr(0, rest.find('/'));
  rest.remove_prefix(hosts.size());
  const std::uint16_t usual_port = options.topology == RedisTopology::sentinel ? 26'379 : 6'379;
  while (const auto host = take_before(hosts, ',')) options.addresses.push_back(address(*host, usual_port));
  options.addresses.push_back(address(hosts, usual_port));
  if (options.topology == RedisTopology::standalone && options.addresses.size() > 1)
    refuse("names several hosts: say by redis+sentinel:// or redis+cluster:// what they are");

  if (!rest.empty()) rest.remove_prefix(1);
  if (options.topology == RedisTopology::sentinel) {
    const auto master = rest.substr(0, rest.find('/'));
    if (master.find_first_of("@?#:") != std::string_view::npos)
      refuse(
          "has one of @?#: in the master's name: a user and a password stand before the hosts, and / and @ in them are "
          "written %2F and %40");
    options.master = decoded(master);
    if (options.master.empty()) refuse("lacks the master's name: redis+sentinel://host/master");
    rest.remove_prefix(std::min(rest.size(), rest.find('/')));
    if (!rest.empty()) rest.remove_prefix(1);
  }
  if (rest.empty()) return;
  if (options.topology == RedisTopology::cluster) refuse("names a database, but a cluster has only one");
  options.database = number<int>(rest, "database");
  if (options.database < 0) refuse("has a negative database");
}

}  // namespace

RedisOffsetStoreOptions redis_options(std::string_view url) {
  RedisOffsetStoreOptions options;
  const auto end = url.find("://");
  if (end == std::string_view::npos) refuse("has no scheme");
  auto scheme = url.substr(0, end);
  const auto rest = url.substr(end + 3);
  if (scheme == "unix") {
    read_unix(rest, options);
    return options;
  }
  options.tls.enabled = scheme.starts_with("rediss");
  scheme.remove_prefix(std::min(scheme.size(), scheme.find('+')));
  if (url.starts_with("redis") && scheme == "+sentinel")
    options.topology = RedisTopology::sentinel;
  else if (url.starts_with("redis") && scheme == "+cluster")
    options.topology = RedisTopology::cluster;
  else if (!url.starts_with("redis://") && !url.starts_with("rediss://"))
    refuse("has a scheme that is not known");
  read_network(rest, options);
  return options;
}

}  // namespace tidemark
