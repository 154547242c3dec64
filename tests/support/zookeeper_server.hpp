#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "support/process.hpp"
#include "support/temporary_folder.hpp"

namespace tidemark::test {

/// A real ZooKeeper server, alone, on a free loopback port with its data in a temporary folder, ready when the constructor returns. It
/// dies with the test program. tests/run.sh fetches its jars; $TIDEMARK_ZOOKEEPER_LIBS names another folder of them.
///
/// Thread safety: shared objects unsafe, except port() and servers().
/// Errors:        std::runtime_error with the server's log where it does not come up.
class ZooKeeperServer {
 public:
  struct Options {
    /// Sessions last for 2 to 20 of them.
    int tick_ms = 200;
    /// Each write waits for the disk, as it does where nobody says otherwise. A kill alone loses nothing without.
    bool forces_sync = false;
    /// Above 0: one of an ensemble, which `properties` name ("server.1=127.0.0.1:PORT:PORT"), and whose others it does not wait for.
    int id = 0;
    std::vector<std::string> properties{};  ///< Added to its configuration: "quorumListenOnAllIPs=false"
    std::vector<std::string> jvm{};         ///< Added to Java's options.
  };

  /// The one of this test program, started when first asked for. Tests that stop it take one of their own.
  static ZooKeeperServer& shared();

  ZooKeeperServer() : ZooKeeperServer(Options{}) {}
  explicit ZooKeeperServer(Options options);

  std::uint16_t port() const { return port_; }
  std::string servers() const { return "127.0.0.1:" + std::to_string(port_); }

  /// SIGKILL.
  void kill() { process_->kill(); }
  /// Starts it again on the same port and data, after kill().
  void start();
  /// What it is just now: "standalone", "leader" or "follower"; empty while it serves nobody.
  std::string mode() const;
  void freeze() { process_->freeze(); }
  void thaw() { process_->thaw(); }
  std::string log() const { return process_->output(); }

  /// The answer to a four-letter command, such as "mntr"; empty where there is none.
  std::string ask(const std::string& command) const;
  /// What ZooKeeper's own command line says to a command: cli({"get", "/path"}). Takes a second: it is a program in Java.
  std::string cli(const std::vector<std::string>& command) const;

 private:
  void write_configuration() const;

  Options options_;
  TemporaryFolder folder_;
  std::uint16_t port_;
  std::unique_ptr<Process> process_;
};

}  // namespace tidemark::test
