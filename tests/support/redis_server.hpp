#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "support/process.hpp"
#include "support/redis_probe.hpp"
#include "support/temporary_folder.hpp"

namespace tidemark::test {

/// A real redis-server on a free loopback port with its data in a temporary folder, ready when the constructor returns. It keeps what it
/// confirmed, through a kill: appendonly, appendfsync always. It dies with the test program.
///
/// Errors: std::runtime_error with the server's output where it does not come up.
class RedisServer {
 public:
  struct Options {
    std::vector<std::string> arguments{};  ///< Added to the command line: {"--maxmemory", "1mb"}.
    std::string program = "redis-server";
    bool wait_until_ready = true;
  };

  /// The one of this test program, started when first asked for. Tests that stop it or change its settings take one of their own.
  static RedisServer& shared();

  RedisServer() : RedisServer(Options{}) {}
  explicit RedisServer(Options options);

  std::uint16_t port() const { return port_; }
  std::string url() const { return "redis://127.0.0.1:" + std::to_string(port_); }
  std::string unix_socket() const { return folder_ / "socket"; }
  const TemporaryFolder& folder() const { return folder_; }
  pid_t pid() const { return process_->pid(); }

  /// Another client. Answers even where the server asks for a password: with an error.
  RedisProbe probe() const { return RedisProbe{port_}; }

  /// SIGKILL.
  void kill() { process_->kill(); }
  /// Starts it again on the same port and data, after kill().
  void start();
  void freeze() { process_->freeze(); }
  void thaw() { process_->thaw(); }
  std::string log() const { return process_->output(); }

 private:
  bool answers() const;

  Options options_;
  TemporaryFolder folder_;
  std::uint16_t port_;
  std::unique_ptr<Process> process_;
};

}  // namespace tidemark::test
