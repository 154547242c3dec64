#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "stores/redis/slot.hpp"

namespace tidemark::detail {

/// Where the offsets of a topic and group are, as RedisOffsetStoreOptions::key_pattern says.
///
/// No two pairs of names have the same key: a topic's name consists of letters, digits, `.`, `_` and `-`, and between the placeholders
/// stands something else.
class RedisKeyPattern {
 public:
  /// Errors: ConfigError.
  RedisKeyPattern(std::string_view pattern, bool is_cluster);

  /// Errors: StoreError, not retryable, for a topic that Kafka does not allow, and a group whose key would be that of notes.
  std::string key(std::string_view topic, std::string_view group) const;

  /// Where it is noted what failed of a transaction, for the hash of offsets at `key`: beside it, in the same slot, under the same prefix,
  /// and at no place where offsets can be.
  std::string notes_key(std::string_view key) const;

  /// The hash slot of a key; without a cluster all keys are in one.
  std::uint16_t slot(std::string_view key) const { return is_cluster_ ? redis_slot(key) : std::uint16_t{0}; }

  /// The topic of a key of this group; nullopt where it is none.
  std::optional<std::string> topic_of(std::string_view key, std::string_view group) const;

  /// The group of a key that key() can have made; nullopt for others.
  std::optional<std::string> group_of(std::string_view key) const;
  /// What SCAN finds the keys of all groups by, and perhaps some others.
  std::string glob() const;

  /// What SCAN finds the group's keys by, and perhaps some others.
  std::string glob(std::string_view group) const;

  const std::string& text() const { return text_; }

 private:
  std::string before(std::string_view group) const;
  std::string after(std::string_view group) const;

  std::string text_;
  std::string head_;
  std::string middle_;
  std::string tail_;
  bool topic_first_ = true;
  bool is_cluster_ = false;
};

}  // namespace tidemark::detail
