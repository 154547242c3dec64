#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

namespace tidemark::test {

/// Stands between a client and a server on loopback, and does harm to their conversation at a given byte.
///
/// Thread safety: shared objects safe.
class CuttingProxy {
 public:
  enum class Direction { request, reply };
  enum class Fault {
    fin,   ///< Both sides see the other one close.
    rst,   ///< Both sides see a reset.
    stall  ///< Nothing passes any more, until release().
  };
  struct Cut {
    Direction direction = Direction::request;
    std::size_t after_bytes = 0;  ///< So many still pass.
    Fault fault = Fault::fin;
  };
  struct Passed {
    std::size_t requests = 0;  ///< In bytes.
    std::size_t replies = 0;
  };

  explicit CuttingProxy(std::uint16_t server_port);
  ~CuttingProxy();

  std::uint16_t port() const;

  /// Connections from now on lead to this server; those that exist stay.
  void lead_to(std::uint16_t server_port);

  /// Counts from here on, over all connections, and cuts once; other connections, and later ones, go on undisturbed.
  void arm(std::optional<Cut> cut);
  bool has_cut() const;
  Passed passed() const;

  /// What a stall has held back arrives now, late, whether or not its sender is still there.
  void release();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidemark::test
