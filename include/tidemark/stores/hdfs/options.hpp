#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tidemark/export.hpp>

namespace tidemark {

/// Where a name node answers HTTP (`dfs.namenode.http-address`, or `https-address`): not the port of `hdfs://` URLs.
struct HdfsAddress {
  std::string host;
  std::uint16_t port = 9870;

  auto operator<=>(const HdfsAddress&) const = default;
};

/// For `swebhdfs://`. The servers' certificates must be good, and made out to the hosts' names, always.
struct HdfsTls {
  bool enabled = false;
  std::string ca_file{};           ///< PEM. Empty: the system's.
  std::string certificate_file{};  ///< PEM: the client's certificate, with its chain.
  std::string key_file{};          ///< PEM: the client's key.
};

/// Everything an HdfsOffsetStore can be told. hdfs_options() fills it from a URL. Only `directory` has no default.
struct HdfsOffsetStoreOptions {
  /// The name node, or those of an HA pair: the standby is recognised and the other one asked. Empty: `directory` is a local one.
  std::vector<HdfsAddress> name_nodes{};

  /// Absolute. Each group has its checkpoint in a folder of its own below it, named after the group. A local directory is made where
  /// it is missing, but not its parents: a missing parent is rather a volume that is not mounted.
  std::string directory{};

  /// If set, `directory` itself is the checkpoint (the checkpointLocation of a Spark query), and belongs to this group; others are refused.
  std::string group{};

  std::string user{};  ///< Whom HDFS without Kerberos takes us for. Empty: its `dfs.web.ugi` (dr.who).
  std::string
      delegation_token{};  ///< Instead of `user` and `kerberos`: what `hdfs fetchdt --webservice` writes, URL-safe.
  bool kerberos = false;   ///< SPNEGO with the ticket that is there (kinit), where libcurl was built with GSS-API.
  HdfsTls tls{};

  /// Batches of the log that are kept, as spark.sql.streaming.minBatchesToRetain. At least 2: Spark needs the last two to restart.
  std::size_t keep_batches = 100;

  std::chrono::milliseconds connect_timeout{2'000};
  std::chrono::milliseconds request_timeout{5'000};  ///< For each HTTP request. A commit is six of them, or eight.

  /// How long a commit may find its place in the log taken by others, and begin anew, before it gives up.
  std::chrono::milliseconds contention_timeout{30'000};

  /// Off, on a local directory: a commit survives the end of the process, but the latest ones not a power failure.
  bool sync = true;
};

/// The options in a URL:
///
///     webhdfs://[user@]host[:port][,host[:port]]/directory[?group=name]     swebhdfs:// is the same with TLS, port 9871
///     file:///directory[?group=name]
///
/// What a URL reserves is percent-encoded; an IPv6 address stands in brackets.
///
/// Errors: ConfigError.
TIDEMARK_EXPORT HdfsOffsetStoreOptions hdfs_options(std::string_view url);

}  // namespace tidemark
