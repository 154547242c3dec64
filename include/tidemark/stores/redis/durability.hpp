#pragma once

#include <optional>
#include <string>

#include <tidemark/export.hpp>

namespace tidemark {

/// How well a Redis server keeps what it confirmed, as far as its configuration says. Fail-over is another matter: see docs/redis.md.
struct TIDEMARK_EXPORT RedisDurability {
  /// nullopt: the user may not ask (`CONFIG GET`), or the server has no such command.
  std::optional<std::string> appendonly{};
  std::optional<std::string> appendfsync{};
  std::optional<std::string> maxmemory_policy{};

  /// A power cut loses no confirmed commit: `appendonly yes`, `appendfsync always`.
  bool survives_power_loss() const;
  /// Redis never deletes offsets to make room: any policy but `allkeys-…`.
  bool keeps_keys() const;
  bool is_durable() const { return survives_power_loss() && keeps_keys(); }

  /// One line for a log: what is set, and what it means.
  std::string text() const;
};

}  // namespace tidemark
