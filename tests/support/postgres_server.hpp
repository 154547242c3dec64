#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "support/postgres_probe.hpp"
#include "support/process.hpp"
#include "support/temporary_folder.hpp"

namespace tidemark::test {

/// A real PostgreSQL server on a free loopback port with its data in a temporary folder, ready when the constructor returns. It runs as a user
/// that isn't root, and dies with the test program.
///
/// Errors: std::runtime_error with the server's output where it does not come up.
class PostgresServer {
 public:
  struct Options {
    std::map<std::string, std::string> settings{};  ///< Of postgresql.conf: {"max_connections", "5"}.
    std::string authentication = "trust";  ///< For connections by TCP; or "scram-sha-256": the password is "secret".
    /// In bytes, more than the log's 16 MiB. Not a multiple of its page: PostgreSQL finds a write cut short then, as on a full disk. 0: any.
    std::size_t largest_file = 0;
    std::string copy_of{};  ///< The connection string of a primary: this server is its standby.
  };

  /// The one of this test program, started when first asked for. Tests that stop it or change its settings take one of their own.
  static PostgresServer& shared();

  PostgresServer() : PostgresServer(Options{}) {}
  explicit PostgresServer(Options options);
  ~PostgresServer();

  std::uint16_t port() const { return port_; }
  /// By TCP, as the superuser "tidemark".
  std::string connection(const std::string& database = "postgres") const { return connection(port_, database); }
  static std::string connection(std::uint16_t port, const std::string& database = "postgres");
  /// A new, empty database; returns its name.
  std::string make_database();
  PostgresProbe probe(const std::string& database = "postgres") const { return PostgresProbe{connection(database)}; }

  /// The immediate shutdown: every session ends at once, and the next start recovers from the log.
  void stop_immediately();
  /// Starts it again on the same port and data.
  void start();
  /// Stands still, with all of its sessions.
  void freeze() { signal_all(SIGSTOP); }
  void thaw() { signal_all(SIGCONT); }
  /// Ends all other sessions.
  void disconnect_all();
  std::string log() const { return process_->output(); }

  /// The folder of PostgreSQL's programs.
  static std::string programs();
  /// A command line that runs a program as a user that isn't root, and that ends with the test program.
  static std::vector<std::string> as_plain_user(std::vector<std::string> command);

 private:
  void signal_all(int signal);
  void initialize();

  Options options_;
  TemporaryFolder folder_;
  std::uint16_t port_;
  std::unique_ptr<Process> process_;
};

}  // namespace tidemark::test
