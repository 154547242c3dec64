#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tidemark/offset_catalog.hpp>
#include <tidemark/offset_range.hpp>

#include "stores/redis/call.hpp"
#include "stores/redis/key_pattern.hpp"

namespace tidemark::detail {

/// Some partitions of one hash: not more than a script takes at once.
struct RedisChunk {
  std::string key;
  std::uint16_t slot = 0;
  std::vector<std::size_t> places{};  ///< Of its partitions, in what the caller was given.
};

/// Sorts partitions into the hashes that hold them. Whole hashes where `chunk` is nullopt.
///
/// Errors: StoreError, not retryable, for names and numbers that cannot be.
std::vector<RedisChunk> redis_chunks(const RedisKeyPattern& pattern, std::string_view group, std::size_t count,
                                     const std::function<const TopicPartition&(std::size_t)>& partition,
                                     std::optional<std::size_t> chunk);

/// The keys, and for each chunk a part of the arguments, of a script that changes offsets: a call a slot.
class RedisPlan {
 public:
  /// Appends a chunk's arguments after their number.
  using Append = std::function<void(RedisArguments&, const RedisChunk&)>;

  RedisPlan(std::vector<RedisChunk> chunks, const RedisScript& script, const Append& append);

  std::span<RedisCall> calls() { return calls_; }

  /// What a script means by {chunk, range within it, stored}, both counted from 1.
  ///
  /// Errors: StoreError where what is stored is no offset, or what was told makes no sense.
  Conflict conflict(const RedisCall& call, std::span<const RedisReply> told, std::span<const OffsetRange> ranges) const;

 private:
  std::vector<std::vector<RedisChunk>> by_call_;
  std::vector<RedisCall> calls_;
};

/// Chunks of ranges as the commit and the transaction script want them.
std::vector<RedisChunk> redis_chunks(const RedisKeyPattern& pattern, std::string_view group,
                                     std::span<const OffsetRange> ranges);
void append_ranges(RedisArguments& arguments, const RedisChunk& chunk, std::span<const OffsetRange> ranges);

/// Errors: StoreError, not retryable, for an offset that cannot be.
void refuse_negative(const TopicPartition& partition, std::int64_t offset);

/// The stored offset in a reply of HMGET or of a script; nullopt where nothing is stored.
///
/// Errors: StoreError, not retryable, that names key, field and value, where it is none.
std::optional<std::int64_t> stored_offset(const RedisReply& value, std::string_view key, std::int32_t partition);

}  // namespace tidemark::detail
