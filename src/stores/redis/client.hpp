#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <tidemark/offset_catalog.hpp>
#include <tidemark/offset_range.hpp>
#include <tidemark/stores/redis/durability.hpp>
#include <tidemark/stores/redis/options.hpp>

#include "stores/redis/call.hpp"
#include "stores/redis/command_table.hpp"
#include "stores/redis/key_pattern.hpp"
#include "stores/redis/servers.hpp"

namespace tidemark::detail {

/// What a store and its transactions share: the servers, and how offsets lie there.
///
/// Thread safety: shared objects safe.
class RedisClient {
 public:
  explicit RedisClient(const RedisOffsetStoreOptions& options);
  RedisClient(const RedisClient&) = delete;
  RedisClient& operator=(const RedisClient&) = delete;

  std::vector<std::optional<std::int64_t>> load(std::string_view group, std::span<const TopicPartition> partitions);
  std::optional<Conflict> commit(std::string_view group, std::span<const OffsetRange> ranges);

  /// Runs the transaction script; returns how many replicas have what it wrote, if that is wanted. When its answer is lost it is run again:
  /// the offsets keep it from being applied twice, and the answer tells what became of the first one.
  ///
  /// Errors: StoreError. Not retryable where the answer was lost and there are no offsets: then nobody can tell.
  std::optional<std::int64_t> transact(RedisCall& call, bool moves_offsets);
  /// Errors: StoreError, retryable, when fewer replicas than wanted have a change that went through. nullopt: none are wanted.
  void require_replicas(std::optional<std::int64_t> replicas, std::string_view server) const;

  /// What the server says about its commands, asked for when first needed.
  const RedisCommandTable& commands();

  const RedisOffsetStoreOptions& options() const { return options_; }
  const RedisKeyPattern& pattern() const { return pattern_; }
  RedisServers& servers() { return servers_; }
  RedisCaller& caller() { return caller_; }
  const RedisDurability& durability() const { return durability_; }

 private:
  RedisDurability look_at_durability();
  bool is_all_stored(std::string_view group, std::span<const OffsetRange> ranges);

  const RedisOffsetStoreOptions options_;
  const RedisKeyPattern pattern_;
  RedisServers servers_;
  RedisCaller caller_;
  RedisDurability durability_;
  std::mutex commands_mutex_;
  std::optional<RedisCommandTable> commands_;
};

}  // namespace tidemark::detail
