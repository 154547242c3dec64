#include <tidemark/stores/hdfs/options.hpp>

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

#include "stores/common/url.hpp"

namespace tidemark {

namespace {

constexpr stores::UrlRefusal refuse{
    "the HDFS URL",
    "it must be webhdfs://[user@]host[:port][,host[:port]]/directory[?group=name], swebhdfs:// or file:///directory"};

std::string decoded(std::string_view text) { return stores::url_decoded(text, refuse); }

std::uint16_t port_in(std::string_view text) {
  std::uint16_t port = 0;
  const auto* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, port);
  if (error != std::errc{} || rest != end || port == 0) refuse("has a port that is no number from 1 to 65535");
  return port;
}

HdfsAddress address(std::string_view text, std::uint16_t usual_port) {
  HdfsAddress node{stores::take_url_host(text, refuse), usual_port};
  if (!text.empty()) node.port = port_in(text.substr(1));
  return node;
}

void read_authority(std::string_view authority, std::uint16_t usual_port, HdfsOffsetStoreOptions& options) {
  if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
    options.user = decoded(authority.substr(0, at));
    if (options.user.empty() || authority.substr(0, at).find(':') != std::string_view::npos)
      refuse("has something else than a user's name before the @: HDFS knows no passwords");
    authority.remove_prefix(at + 1);
  }
  for (;;) {
    const auto comma = authority.find(',');
    options.name_nodes.push_back(address(authority.substr(0, comma), usual_port));
    if (comma == std::string_view::npos) return;
    authority.remove_prefix(comma + 1);
  }
}

}  // namespace

HdfsOffsetStoreOptions hdfs_options(std::string_view url) {
  const auto end = url.find("://");
  if (end == std::string_view::npos) refuse("has no scheme");
  const auto scheme = url.substr(0, end);
  auto rest = url.substr(end + 3);
  HdfsOffsetStoreOptions options;
  if (const auto mark = rest.find('?'); mark != std::string_view::npos) {
    const auto query = rest.substr(mark + 1);
    constexpr std::string_view name = "group=";
    if (!query.starts_with(name) || query.find('&') != std::string_view::npos)
      refuse("has something else than group= after the ?");
    options.group = decoded(query.substr(name.size()));
    if (options.group.empty()) refuse("has an empty group");
    rest = rest.substr(0, mark);
  }
  const auto slash = rest.find('/');
  if (slash == std::string_view::npos) refuse("names no directory");
  options.directory = decoded(rest.substr(slash));
  const auto authority = rest.substr(0, slash);

  if (scheme == "file") {
    if (!authority.empty()) refuse("names a host: a local directory follows three slashes");
  } else if (scheme == "webhdfs" || scheme == "swebhdfs") {
    options.tls.enabled = scheme == "swebhdfs";
    read_authority(authority, options.tls.enabled ? 9871 : 9870, options);
  } else if (scheme == "hdfs") {
    refuse(
        "begins with hdfs://, which is Hadoop's own protocol on another port (usually 8020). Give the name node's HTTP "
        "address");
  } else {
    refuse("has a scheme that is not known");
  }
  return options;
}

}  // namespace tidemark
