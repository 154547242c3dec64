#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "support/hdfs_probe.hpp"
#include "support/process.hpp"
#include "support/temporary_folder.hpp"

namespace tidemark::test {

/// A real HDFS (one name node, one data node) on free loopback ports with its data in a temporary folder, ready when the constructor
/// returns. It dies with the test program. tests/run.sh fetches its jars; $TIDEMARK_HDFS_LIBS names another folder of them.
///
/// Thread safety: shared objects unsafe.
/// Errors:        std::runtime_error with the end of the servers' logs where they do not come up.
class HdfsServer {
 public:
  using Properties = std::map<std::string, std::string>;

  /// The one of this test program, started when first asked for. Tests that stop it take one of their own.
  static HdfsServer& shared();

  enum class Role {
    single,
    standby  ///< A name node of an HA pair whose other one is not there, and nothing else. It is never made active.
  };

  /// `properties` are added to hdfs-site.xml, or replace what is there.
  explicit HdfsServer(Properties properties = {}, Role role = Role::single);

  /// Where the name node speaks WebHDFS.
  std::uint16_t port() const { return http_port_; }
  /// Where Hadoop's own clients speak to it.
  std::string hdfs_url(const std::string& path) const { return "hdfs://127.0.0.1:" + std::to_string(rpc_port_) + path; }
  std::uint16_t data_port() const { return data_http_port_; }
  std::string url(const std::string& path) const {
    return "webhdfs://root@127.0.0.1:" + std::to_string(http_port_) + path;
  }
  HdfsProbe probe() const { return HdfsProbe{http_port_}; }

  /// SIGKILL to both. What was acknowledged is found again by start().
  void kill();
  void kill_data_node() { data_node_->kill(); }
  /// Starts what does not run, on the same ports and data, and waits until it can be written to.
  void start();
  Process& name_node() { return *name_node_; }
  Process& data_node() { return *data_node_; }

  /// Runs `hdfs dfs ARGUMENTS…`; its output. A failure is a std::runtime_error with that.
  std::string shell(std::vector<std::string> arguments) const;

  std::string log() const { return log_of("name-node") + log_of("data-node"); }

 private:
  std::vector<std::string> java(std::vector<std::string> arguments) const;
  Properties addresses() const;
  void write_configuration(const Properties& added) const;
  void format() const;
  bool is_ready() const;
  std::filesystem::path log_file(const std::string& name) const;
  std::string log_of(const std::string& name) const;

  Role role_;
  TemporaryFolder folder_;
  std::uint16_t rpc_port_;
  std::uint16_t http_port_;
  std::uint16_t data_port_;
  std::uint16_t data_http_port_;
  std::uint16_t data_ipc_port_;
  std::unique_ptr<Process> name_node_;
  std::unique_ptr<Process> data_node_;
};

}  // namespace tidemark::test
