#include "stores/hdfs/options_check.hpp"

#include <algorithm>
#include <string>

#include <tidemark/error.hpp>

namespace tidemark::hdfs {

namespace {

[[noreturn]] void refuse(std::string_view why) {
  throw ConfigError{std::string{"HdfsOffsetStoreOptions::"}.append(why)};
}

bool has_odd_parts(std::string_view path) {
  const auto contains = [&](std::string_view part) { return path.find(part) != std::string_view::npos; };
  return contains("//") || contains("/../") || contains("/./") || path.ends_with("/..") || path.ends_with("/.") ||
         contains(std::string_view{"\0", 1});
}

}  // namespace

HdfsOffsetStoreOptions checked(HdfsOffsetStoreOptions options) {
  auto& directory = options.directory;
  if (!directory.starts_with('/')) refuse("directory is no absolute path");
  while (directory.size() > 1 && directory.ends_with('/')) directory.pop_back();
  if (directory == "/") refuse("directory is the root: name one below it");
  if (has_odd_parts(directory)) refuse("directory has an empty part, \".\", \"..\" or a NUL in it: write it plainly");
  if (options.keep_batches < 2) refuse("keep_batches is below 2, and Spark needs the last two to restart");
  if (options.connect_timeout.count() <= 0) refuse("connect_timeout is not above 0");
  if (options.request_timeout.count() <= 0) refuse("request_timeout is not above 0");
  if (options.contention_timeout.count() < 0) refuse("contention_timeout is below 0");

  const bool is_local = options.name_nodes.empty();
  if (is_local &&
      (!options.user.empty() || !options.delegation_token.empty() || options.kerberos || options.tls.enabled))
    refuse("name_nodes is empty, so this is a local directory, but user, delegation_token, kerberos or tls is set");
  if (!is_local && !options.sync)
    refuse("sync is off, which means local directories only; HDFS has dfs.datanode.synconclose for that");
  for (const auto& node : options.name_nodes)
    if (node.host.empty() || node.port == 0) refuse("name_nodes has an address without a host or a port");
  if (!options.delegation_token.empty() && options.kerberos)
    refuse("delegation_token and kerberos are both set; one is enough");
  if (options.tls.certificate_file.empty() != options.tls.key_file.empty())
    refuse("tls has a certificate_file without a key_file, or the reverse");
  return options;
}

}  // namespace tidemark::hdfs
