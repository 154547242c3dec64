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

/// What became of calls that change offsets.
struct RedisChange {
  bool is_answered = true;  ///< If not, they went through, by what is stored.
  std::optional<std::int64_t> replicas{};
};

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

  /// Runs calls that change offsets. When the answer is lost, it looks whether all `until` are stored, and throws only if not.
  RedisChange change(std::span<RedisCall> calls, std::string_view action, std::string_view group,
                     std::span<const OffsetRange> ranges);
  /// Errors: StoreError, retryable, when fewer replicas than wanted have a change that went through.
  void require_replicas(const RedisChange& change, std::string_view server) const;

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
