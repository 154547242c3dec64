#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace tidemark {

/// Everything an HBaseOffsetStore can be told. Only `host` is needed.
struct HBaseOffsetStoreOptions {
  /// The Thrift2 gateway (`hbase thrift2 start`). All addresses of a name are tried.
  std::string host{};
  std::uint16_t port = 9090;

  /// How the gateway was started: with `--framed`, with `--compact`. The servers `hsha`, `nonblocking` and `threadedselector` are framed.
  bool framed = false;
  bool compact = false;

  std::string table = "tidemark_offsets";  ///< Or `namespace:table`.
  std::string family = "offsets";

  /// Make the table where it does not exist: one version a cell, nothing expires. May take a minute.
  bool create_table = false;

  /// Refuse a table whose cells expire, instead of leaving it to whoever looks at retention().
  bool refuse_time_to_live = false;

  /// Write each commit through to the disks of the log's replicas (FSYNC_WAL), not only to their memory.
  bool fsync = false;

  /// Look at the row before each commit, which costs a second round trip. Otherwise only the first commit of a topic looks, and one that
  /// met another member's: what a tool other than tidemark writes between two commits is then overwritten (docs/hbase.md).
  bool look_before_commit = false;

  std::chrono::milliseconds connect_timeout{2'000};   ///< The look-up of the host's name included.
  std::chrono::milliseconds command_timeout{10'000};  ///< For each round trip.

  std::size_t max_connections = 10;  ///< Who comes later waits, for `checkout_timeout` at most.
  std::chrono::milliseconds checkout_timeout{10'000};

  /// A connection that was idle for longer is not used again. The gateway closes them after a minute.
  std::chrono::milliseconds max_idle_time{30'000};
};

}  // namespace tidemark
