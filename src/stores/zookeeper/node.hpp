#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace tidemark::detail {

/// What a znode holds.
struct ZooKeeperNode {
  bool exists = false;
  std::int32_t version = 0;           ///< Counts the writes to it.
  std::optional<std::string> data{};  ///< nullopt: none, which is not the same as an empty one.

  /// Nothing was written to it in between, unless it was deleted and made anew.
  bool is_same(const ZooKeeperNode& other) const {
    return exists == other.exists && (!exists || version == other.version);
  }
};

/// A part of a multi. `version` is what the znode must have.
struct ZooKeeperChange {
  enum class Kind { check, create, set, remove };

  Kind kind = Kind::check;
  std::string path{};
  std::int32_t version = 0;
  std::optional<std::string> data{};
};

}  // namespace tidemark::detail
