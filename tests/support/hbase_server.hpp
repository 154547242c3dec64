#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "support/process.hpp"
#include "support/temporary_folder.hpp"

namespace tidemark::test {

/// A real HBase (master, region server and ZooKeeper in one process) and its Thrift2 gateway, on free loopback ports, with its data in
/// a temporary folder; ready when the constructor returns, which takes about 15 seconds. Both die with the test program.
/// tests/servers/fetch-jars.sh hbase fetches the jars; $TIDEMARK_HBASE_LIBS names another folder of them.
///
/// Thread safety: shared objects unsafe, except port().
/// Errors:        std::runtime_error with the end of the log where one does not come up.
class HBaseServer {
 public:
  /// The one of this test program, started when first asked for. A test that harms it leaves it running.
  static HBaseServer& shared();

  HBaseServer();

  /// Of the gateway.
  std::uint16_t port() const { return port_; }

  /// SIGKILL, each.
  void kill_gateway() { gateway_->kill(); }
  void start_gateway();
  void kill_hbase() { hbase_->kill(); }
  void start_hbase();

  void freeze_gateway() { gateway_->freeze(); }
  void thaw_gateway() { gateway_->thaw(); }
  void freeze_hbase() { hbase_->freeze(); }
  void thaw_hbase() { hbase_->thaw(); }

  /// Another gateway to the same HBase, with these arguments.
  std::unique_ptr<Process> extra_gateway(std::uint16_t port, const std::vector<std::string>& arguments);
  /// Until it takes connections.
  void wait_for_gateway(Process& process, std::uint16_t port) const;

 private:
  std::vector<std::string> java(const std::string& heap, std::vector<std::string> arguments) const;
  std::filesystem::path log_file(const std::string& of) const;
  void write_configuration() const;
  void run_hbase();
  void run_gateway();
  void wait_for(Process& process, const std::filesystem::path& log, const std::string& words) const;

  TemporaryFolder folder_;
  std::uint16_t port_;
  std::uint16_t zookeeper_port_;
  std::uint16_t master_port_;
  std::uint16_t region_port_;
  int starts_ = 0;
  std::unique_ptr<Process> hbase_;
  std::unique_ptr<Process> gateway_;
};

}  // namespace tidemark::test
